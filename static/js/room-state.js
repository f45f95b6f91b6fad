// The practice room as data: every frame and every action is an event, `reduce` returns the next state. room-scene.js reads it.

import { isSaid, script } from "./room-script.js";
import { replyAfterSnapshot, takeAfterSnapshot } from "./room-snapshot.js";

export * from "./room-scene.js";
export { isSaid, script };

export const CALIBRATE_AND_RESEND = "clock_drift";
export const WAIT_AND_RESEND = "out_of_order";
export const RESEND_ALL = "resend_turn";
const HELD_MS = 60_000; // SPEECH_HOLDS of practice/turns/idle_clock.py

/** A room before its first frame. `session` and `turns` as the API returns them. */
export function emptyRoom({ session, turns = [], evaluation = null, online = true, pausedMs = 0 }) {
  return {
    link: { link: "connecting", attempt: 0, everOpened: false },
    online,
    elsewhere: false,
    session,
    turns: sorted(turns),
    evaluation,
    queue: null,
    reply: null, // the AI turn that is being said: {turnId, sequence, text, known, written, sound, silenced}; `known`: what was on the page before its text is sent again, or is complete in a snapshot
    take: null, // what the trainee says now: {sequence, phase, startedAt, endedAt, seconds, bytes, fraction, warning, unheard, earlier, text, refusal}
    microphone: "unknown",
    muted: false, // by the microphone's own switch, or the system's
    loudspeaker: "opening", // "open", "failed", or "none" where this browser has none
    blocked: false,
    recordings: "opening", // where they are kept until they are sent (kept-recordings.js)
    handsFree: null, // as hands-free.js shows it: {phase, pausing, loudspeaker}; null: push-to-talk
    quietSince: null, // since when the idle clock runs, or from when it will; null: it stands still
    coaching: null, // the coaching pause, during which the clocks stop: {praise, quote, next, since}
    pausedMs, // total length of earlier pauses and restarts
    ending: session.status === "ended" ? { reason: session.terminationReason, message: "" } : null,
    misunderstood: null,
    restarting: null, // since when the models that play the other person are; the clocks stop meanwhile
  };
}

const REDUCERS = {
  link: (room, { link, attempt, everOpened }) => ({ ...room, link: { link, attempt, everOpened } }),
  online: (room, { online }) => ({ ...room, online }),
  elsewhere: (room, { elsewhere }) => ({ ...room, elsewhere }),
  microphone: (room, { microphone }) => ({ ...room, microphone, muted: microphone === "open" && room.muted }),
  microphone_muted: (room, { muted }) => ({ ...room, muted }),
  recordings: (room, { where }) => ({ ...room, recordings: where }),
  hands_free: (room, { handsFree }) => ({ ...room, handsFree }),
  loudspeaker: (room, { loudspeaker }) => ({ ...room, loudspeaker }),

  session: (room, { session, turns, evaluation, at }) => {
    const next = { ...restarted(room, at), session, evaluation, turns: sorted(turns), misunderstood: null };
    if (session.status !== "pending") next.queue = null;
    if (session.status === "ended") return ended(next, { reason: session.terminationReason, message: room.ending?.message ?? "" });
    const last = next.turns.at(-1);
    next.reply = replyAfterSnapshot(room.reply, last);
    next.take = takeAfterSnapshot(room.take, next.turns);
    if (next.reply === null && next.take === null && next.coaching === null && last?.speaker === "ai") next.quietSince ??= at;
    return next;
  },

  queued: (room, { position, expiresAt }) => ({ ...room, queue: { position, expiresAt } }),

  ai_turn_started: (room, { turnId, sequence, at }) => {
    const again = room.reply?.sequence === sequence ? room.reply : null;
    if (again?.silenced || room.turns.some((turn) => turn.sequence === sequence && isSaid(turn) && !again)) return room;
    return {
      ...restarted(room, at),
      reply: { turnId, sequence, text: "", known: again?.text, written: false, sound: again?.sound ?? "waiting", silenced: false },
      take: room.take?.phase === "accepted" ? null : room.take,
      quietSince: null,
    };
  },

  models_restarting: (room, { at }) => ({ ...room, restarting: room.restarting ?? at }),

  ai_text: (room, { sequence, delta }) => {
    if (room.reply?.sequence !== sequence || room.reply.silenced || room.reply.written) return room;
    return { ...room, reply: { ...room.reply, text: room.reply.text + delta } };
  },

  ai_turn: (room, { turn, at }) => {
    const next = withTurn(restarted(room, at), turn);
    if (room.reply?.sequence !== turn.sequence) return next;
    if (room.reply.silenced || room.reply.sound === "ended") return { ...next, reply: null };
    return { ...next, reply: { ...room.reply, text: turn.transcript ?? room.reply.text, written: true } };
  },

  /** A stored line is played because this page did not play it to its end. */
  ai_turn_replayed: (room, { turn }) => ({
    ...room,
    reply: { turnId: turn.id, sequence: turn.sequence, text: turn.transcript ?? "", written: true, sound: "waiting", silenced: false },
    quietSince: null,
  }),

  turn_updated: (room, { turn }) => withTurn(room, turn),

  turn_accepted: (room, { receipt }) => {
    if (receipt.status === "closed" || room.take === null) return { ...room, take: null };
    const { sequence, text, startedAt, endedAt } = room.take;
    const known = room.turns.find((turn) => turn.sequence === sequence);
    const turn = known ?? {
      id: receipt.turnId,
      sessionId: receipt.sessionId,
      sequence,
      speaker: "trainee",
      transcript: text,
      asrStatus: text === null ? "pending" : null,
      interrupted: false,
      startedAt,
      endedAt,
    };
    return { ...withTurn(room, turn), take: { ...room.take, phase: "accepted" }, quietSince: null };
  },

  turn_rejected: (room, { sequence, code, detail }) => {
    if (room.take?.sequence !== sequence) return room;
    return { ...room, take: { ...room.take, phase: "refused", refusal: { code, detail } } };
  },

  error: (room, { code, detail }) => ({ ...room, misunderstood: { code, detail } }),

  termination: (room, { termination, message }) =>
    ended(
      {
        ...room,
        session: { ...room.session, status: "ended", terminationReason: termination.reason, endedAt: termination.terminatedAt },
      },
      { reason: termination.reason, message },
    ),

  evaluation_ready: (room, { evaluation }) => ({ ...room, evaluation }),

  sound_blocked: (room) => ({ ...room, blocked: true }),
  sound_unblocked: (room) => ({ ...room, blocked: false }),
  sound_started: (room, { sequence }) => withSound(room, sequence, "playing"),
  sound_ended: (room, { sequence, at }) => {
    if (room.reply?.sequence !== sequence) return room;
    const quietSince = room.take === null && room.ending === null && room.coaching === null ? at : null;
    const coaching = room.coaching && { ...room.coaching, since: at }; // the clocks stop at the end of the reply
    if (room.reply.written) return { ...room, reply: null, quietSince, coaching };
    return { ...withSound(room, sequence, "ended"), quietSince, coaching };
  },
  /** Barge-in: the rest of the reply is neither played nor shown. */
  sound_stopped: (room, { sequence }) => {
    if (room.reply?.sequence !== sequence) return room;
    return { ...room, reply: room.reply.written ? null : { ...room.reply, silenced: true, sound: "ended" } };
  },

  coaching: (room, { praise, quote, next, at }) => ({ ...room, coaching: { praise, quote, next, since: at }, quietSince: null }),
  coaching_over: (room, { at }) => {
    const next = goneOn(room, at);
    return next.reply === null && next.take === null ? { ...next, quietSince: at } : next;
  },

  take_started: (room, { sequence, startedAt }) => ({
    ...goneOn(room, startedAt),
    take: {
      sequence,
      phase: "recording",
      startedAt,
      endedAt: null,
      seconds: 0,
      bytes: 0,
      fraction: 0,
      warning: false,
      text: null,
      refusal: null,
    },
    quietSince: null,
  }),
  take_metered: (room, { seconds, bytes, fraction, warning }) => {
    if (room.take?.phase !== "recording") return room;
    return { ...room, take: { ...room.take, seconds, bytes, fraction, warning } };
  },
  /** Recorded and being sent. */
  take_ended: (room, { endedAt, seconds, bytes }) => withTake(room, { phase: "sending", endedAt, seconds, bytes, warning: false }),
  take_typed: (room, { sequence, startedAt, endedAt, text }) => ({
    ...goneOn(room, endedAt),
    take: { sequence, phase: "sending", startedAt, endedAt, seconds: 0, bytes: 0, fraction: 0, warning: false, text, refusal: null },
    quietSince: null,
  }),
  /** The idle clock stands still for a minute. `again`: it is renewed and runs from zero after that; the first time it goes on where it was. */
  typing_began: (room, { at, again = false }) => {
    const since = again ? at : Math.min(room.quietSince ?? at, at);
    return { ...goneOn(room, at), quietSince: since + HELD_MS };
  },
  typing_ended: (room, { at }) => ({ ...room, quietSince: room.reply === null ? at : null }),
  /** Found in this browser after a reload or a lost microphone: the trainee decides. */
  take_found: (room, { sequence, startedAt, endedAt, seconds, bytes, earlier }) => ({
    ...room,
    take: { sequence, phase: "kept", startedAt, endedAt, seconds, bytes, fraction: 0, warning: false, text: null, refusal: null, earlier },
    quietSince: null,
  }),
  /** While this take is recorded, another one of the same turn is found: `earlier` seconds long. */
  take_rival: (room, { earlier }) => withTake(room, { earlier }),
  /** Recorded, but no speech was detected: the trainee decides. */
  take_quiet: (room, { endedAt, seconds, bytes }) => withTake(room, { phase: "quiet", endedAt, seconds, bytes, warning: false }),
  /** `unheard`: nothing that sounds like speech for a while. */
  take_heard: (room, { unheard }) => withTake(room, { unheard }),
  take_sending: (room) => withTake(room, { phase: "sending", refusal: null }),
  /** Waits for the connection. */
  take_unsent: (room) => withTake(room, { phase: "unsent" }),
  take_dropped: (room, { at }) => ({ ...room, take: null, quietSince: room.reply === null ? at : null }),
};

/** The next room. Unknown events (frames from a newer server) change nothing. */
export function reduce(room, event) {
  const next = REDUCERS[event.type];
  if (!next || (room.ending !== null && !AFTER_THE_END.has(event.type))) return room;
  return next(room, event);
}

const AFTER_THE_END = new Set([
  "link",
  "online",
  "elsewhere",
  "session",
  "turn_updated",
  "ai_turn",
  "evaluation_ready",
  "sound_ended",
  "sound_stopped",
]);

// Keep what is playing: the session may have ended because of it.
function ended(room, ending) {
  const reply = room.reply?.sound === "playing" && !room.reply.silenced ? room.reply : null;
  return { ...room, ending, reply, take: null, queue: null, quietSince: null, blocked: false };
}

// Speaking or typing ends the coaching pause. `at` is in ms or an ISO string.
function goneOn(room, at) {
  if (room.coaching === null) return room;
  const stoodStill = Math.max(0, (typeof at === "string" ? Date.parse(at) : at) - room.coaching.since);
  return { ...room, coaching: null, pausedMs: room.pausedMs + stoodStill };
}

// The models are back.
function restarted(room, at) {
  if (room.restarting === null) return room;
  return { ...room, restarting: null, pausedMs: room.pausedMs + Math.max(0, at - room.restarting) };
}

function withTurn(room, turn) {
  return { ...room, turns: sorted([...room.turns.filter((other) => other.sequence !== turn.sequence), turn]) };
}

function withTake(room, changes) {
  return room.take === null ? room : { ...room, take: { ...room.take, ...changes } };
}

function withSound(room, sequence, sound) {
  return room.reply?.sequence === sequence ? { ...room, reply: { ...room.reply, sound } } : room;
}

function sorted(turns) {
  return [...turns].sort((one, other) => one.sequence - other.sequence);
}
