// Which notice the room shows: what happened, what was kept, and the buttons that help.

import { hasMicrophoneTrouble } from "./room-scene.js";

const MINE = new Set(["yours", "typing", "recording"]);
const HEARING = new Set(["opening", "speaking", "thinking", "yours", "typing"]);
const WAITED_FOR = new Set(["opening", "thinking", "speaking"]);
const UNANSWERED_MS = 4000;
const USUAL_OPENING_MS = 1000; // of the browser's storage

/**
 * `{kind, words, help, act: [words, action], drop: [words, action]}` or null. `help` is a paragraph of components/microphone_help.html, an action a key of
 * conversation.js. `waitedMs` is how long the scene has lasted.
 */
export function noticeOf(room, { scene, say, name, waitedMs }) {
  const seconds = Math.max(1, Math.round(room.take?.seconds ?? 0));
  switch (scene) {
    case "blocked":
      return { words: say("notice.blocked"), act: [say("notice.blocked.action"), "unlock"] };
    case "refused":
      return { kind: "warn", words: room.take.refusal.detail, act: [say("notice.refused.action"), "resend"], drop: [say("notice.refused.drop"), "drop"] };
    case "kept":
      if (room.take.earlier) return twice(room.take, { say, seconds });
      return { words: say("notice.kept", { seconds }), act: [say("notice.kept.action"), "resend"], drop: [say("notice.kept.drop"), "drop"] };
    case "quiet":
      return { words: say("notice.quiet"), act: [say("notice.quiet.action"), "drop"], drop: [say("notice.quiet.drop"), "resend"] };
    case "elsewhere":
      return { words: say("notice.elsewhere"), act: [say("notice.elsewhere.action"), "claim"] };
    case "gone":
      return { kind: "warn", words: say("notice.gone"), act: [say("notice.gone.action"), "home"] };
    case "signed-out":
      return { kind: "warn", words: say("notice.signed-out"), act: [say("notice.signed-out.action"), "reload"] };
    case "ask":
      return { words: say("notice.ask"), act: [say("talk.allow"), "microphone"] };
    case "ended":
      return room.ending.message ? { words: room.ending.message, act: [say("notice.ended.action"), "leave"] } : null;
    default:
      return troubleOf(room, { scene, say, name, waitedMs });
  }
}

function twice(take, { say, seconds }) {
  const words = say("notice.twice", { seconds, earlier: Math.max(1, Math.round(take.earlier)) });
  return { words, act: [say("notice.twice.action"), "resend"], drop: [say("notice.twice.drop"), "earlier"] };
}

function troubleOf(room, { scene, say, name, waitedMs }) {
  if (scene === "asking" && waitedMs > UNANSWERED_MS) return { words: say("notice.asking"), act: [say("notice.microphone.action"), "microphone"] };
  if (room.misunderstood) return { kind: "warn", words: say("notice.misunderstood"), act: [say("notice.misunderstood.action"), "reload"] };
  if (room.restarting !== null && WAITED_FOR.has(scene)) return { words: say("notice.restarting", { name }) };
  const silent = room.loudspeaker === "failed";
  const again = [say("notice.loudspeaker.action"), "loudspeaker"];
  if (scene === "typing" && hasMicrophoneTrouble(room)) {
    const words = silent ? say("notice.loudspeaker", { name }) : "";
    return { kind: "warn", words, help: room.microphone, act: [say("notice.microphone.action"), "microphone"], drop: silent ? again : null };
  }
  if (room.muted && (scene === "yours" || scene === "recording")) return { kind: "warn", words: say("notice.muted") };
  if (scene === "recording" && room.take.earlier) return { words: say("notice.earlier") };
  if (silent && HEARING.has(scene)) return { kind: "warn", words: say("notice.loudspeaker", { name }), act: again };
  if (room.recordings === "opening" && MINE.has(scene) && waitedMs > USUAL_OPENING_MS) return { words: say("notice.recordings") };
  return null;
}
