// What the room's state (room-state.js) means: which scene is on, and what the trainee may do in it.

/** What is going on, in one word: the key of the status text. */
export function scene(room) {
  if (room.ending !== null) return "ended";
  if (room.link.link === "gone" || room.link.link === "signed-out") return room.link.link;
  if (room.elsewhere) return "elsewhere";
  if (room.take?.phase === "recording") return "recording";
  if (!room.online) return "offline";
  if (room.link.link !== "open") return unlinked(room.link);
  if (room.session.status === "pending") return "queued";
  if (room.take?.phase === "sending" || room.take?.phase === "unsent") return "sending";
  if (room.take?.phase === "refused") return "refused";
  if (room.take?.phase === "kept" || room.take?.phase === "quiet") return room.take.phase;
  if (isSpeaking(room) && hasBegun(room.reply)) return room.blocked ? "blocked" : "speaking";
  if (isSpeaking(room)) return room.reply.sequence === 0 ? "opening" : "thinking";
  if (awaitsReply(room)) return room.turns.length === 0 ? "opening" : "thinking";
  if (hasMicrophoneTrouble(room)) return "typing";
  if (room.microphone === "opening") return "asking";
  return room.microphone === "open" ? "yours" : "ask";
}

/** True if the microphone was refused or failed; `microphone` is then the kind of problem (microphone.js). */
export function hasMicrophoneTrouble({ microphone }) {
  return !["unknown", "ask", "opening", "open"].includes(microphone);
}

function unlinked({ attempt, everOpened }) {
  if (everOpened) return "reconnecting";
  return attempt >= 3 ? "unreachable" : "connecting";
}

/** How long the duration clock has stood still until `now`. */
export function stoodStillMs({ pausedMs, coaching, restarting }, now) {
  return pausedMs + now - (coaching?.since ?? restarting ?? now);
}

/** The sequence the trainee's next turn must carry. */
export function nextSequence(room) {
  const last = Math.max(room.reply?.sequence ?? -1, ...room.turns.map((turn) => turn.sequence));
  return last % 2 === 0 ? last + 1 : last + 2;
}

/** Whether the trainee may start to speak or type; while the AI speaks this is a barge-in. */
export function maySpeak(room) {
  if (room.ending !== null || room.elsewhere || room.session.status !== "active" || room.link.link !== "open") return false;
  if (room.take !== null && !AGAIN.has(room.take.phase)) return false;
  return isSpeaking(room) || !awaitsReply(room);
}

const AGAIN = new Set(["refused", "quiet"]); // speaking now replaces it

/** The AI turn that speaking now would interrupt, or null. */
export function interrupts(room) {
  return isSpeaking(room) ? room.reply.sequence : null;
}

export function isSpeaking(room) {
  return room.reply !== null && !room.reply.silenced && !(room.reply.written && room.reply.sound === "ended");
}

// A reply that was only announced may still take seconds to start.
function hasBegun({ text, written, sound }) {
  return text !== "" || written || sound !== "waiting";
}

function awaitsReply(room) {
  if (room.reply !== null && !room.reply.silenced) return false;
  if (room.take?.phase === "accepted") return true;
  const last = room.turns.at(-1);
  return last === undefined || last.speaker === "trainee";
}
