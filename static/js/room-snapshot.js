// Decides what becomes of the reply and the take in progress when a new snapshot arrives.

import { isSaid } from "./room-script.js";

export function replyAfterSnapshot(reply, last) {
  const mayGoOn = reply !== null && !reply.written && reply.sequence > (last?.sequence ?? -1); // its replay follows
  if (last?.speaker !== "ai") return mayGoOn ? reply : null;
  const mine = reply?.sequence === last.sequence ? reply : null;
  if (!isSaid(last)) {
    return mine ?? { turnId: last.id, sequence: last.sequence, text: last.transcript ?? "", written: false, sound: "waiting", silenced: false };
  }
  if (mine === null || mine.silenced || mine.sound === "ended") return null;
  return { ...mine, text: last.transcript ?? mine.text, known: mine.text, written: true };
}

export function takeAfterSnapshot(take, turns) {
  if (take === null || ["recording", "kept", "quiet"].includes(take.phase)) return take;
  if (turns.some((turn) => turn.sequence === take.sequence)) return null;
  return take.phase === "refused" ? take : { ...take, phase: "unsent" };
}
