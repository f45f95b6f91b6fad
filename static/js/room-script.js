// The lines of the script, as the room shows them.

/** An AI turn without an end is still being spoken. */
export function isSaid(turn) {
  return turn.endedAt !== null;
}

/**
 * The script so far: `{earlier: [line], current: line or null}`, the latest line being the current one.
 * A line is `{sequence, turnId, speaker, text, state: "said" | "saying" | "transcribing" | "unheard" | "wordless", interrupted, hasAudio}`;
 * "unheard" is a recording that could not be transcribed, "wordless" one in which no words were recognised.
 */
export function script(room) {
  const lines = room.turns
    .filter((turn) => (turn.speaker === "trainee" || isSaid(turn) || turn.transcript) && turn.sequence !== room.reply?.sequence)
    .map(lineOf);
  const saying = room.reply && lineBeingSaid(room.reply);
  if (saying?.text) lines.push(saying);
  return { earlier: lines.slice(0, -1), current: lines.at(-1) ?? null };
}

function lineOf(turn) {
  return {
    sequence: turn.sequence,
    turnId: turn.id,
    speaker: turn.speaker,
    text: turn.transcript ?? "",
    state: stateOf(turn),
    interrupted: turn.interrupted,
    hasAudio: turn.speaker === "trainee" ? turn.asrStatus !== null : turn.audioFileId !== null,
  };
}

// After a reload or a reconnect a reply is sent again from its beginning: the words that were there stay.
function lineBeingSaid({ sequence, turnId, text, known, silenced }) {
  return { sequence, turnId, speaker: "ai", text: known?.startsWith(text) ? known : text, state: "saying", interrupted: silenced, hasAudio: false };
}

function stateOf({ asrStatus, transcript }) {
  const unfinished = { pending: "transcribing", failed: "unheard" }[asrStatus];
  return unfinished ?? (transcript?.trim() ? "said" : "wordless");
}
