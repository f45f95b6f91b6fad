// The lines of the script, as the room shows them.

/** An AI turn without an end is still being spoken. */
export function isSaid(turn) {
  return turn.endedAt !== null;
}

/** The words of a reply: as far as they are sent again after a reload or a reconnect, those that were there stay. */
export function textOf({ text, known = "", written }) {
  return !written && known.startsWith(text) ? known : text;
}

/**
 * The script so far: `{earlier: [line], current: line or null}`, the latest line being the current one.
 * A line is `{sequence, turnId, speaker, text, state: "said" | "saying" | "transcribing" | "unheard" | "wordless", interrupted, hasAudio}`;
 * "unheard" is a recording that could not be transcribed, "wordless" one in which no words were recognised.
 */
export function script(room) {
  const isOver = (turn) => turn.speaker === "trainee" || isSaid(turn);
  const lines = room.turns
    .filter((turn) => turn.sequence !== room.reply?.sequence && (isOver(turn) || turn.transcript))
    .map((turn) => (isOver(turn) ? lineOf(turn) : lineBeingSaid({ ...turn, turnId: turn.id, text: turn.transcript })));
  if (room.reply !== null && textOf(room.reply) !== "") lines.push(lineBeingSaid(room.reply));
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

function lineBeingSaid({ sequence, turnId, silenced = false, ...reply }) {
  return { sequence, turnId, speaker: "ai", text: textOf(reply), state: "saying", interrupted: silenced, hasAudio: false };
}

function stateOf({ asrStatus, transcript }) {
  const unfinished = { pending: "transcribing", failed: "unheard" }[asrStatus];
  return unfinished ?? (transcript?.trim() ? "said" : "wordless");
}
