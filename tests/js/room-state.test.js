import assert from "node:assert/strict";
import { test } from "node:test";
import { noticeOf } from "../../static/js/room-notices.js";
import { emptyRoom, interrupts, isSaid, maySpeak, nextSequence, reduce, scene, script, stoodStillMs } from "../../static/js/room-state.js";
import { aiTurn, session, traineeTurn } from "./stand-ins.js";

const OPEN = { type: "link", link: "open", attempt: 0, everOpened: true };
const MICROPHONE = { type: "microphone", microphone: "open" };
const snapshot = (turns, changes = {}) => ({ type: "session", session: session(changes), turns, evaluation: null, at: 1000 });
const after = (...events) => events.reduce(reduce, emptyRoom({ session: session() }));
const ACCEPTED = { type: "turn_accepted", receipt: { sessionId: "s1", turnId: "t1", aiTurnId: null, status: "accepted" } };
const STARTED = { type: "take_started", sequence: 1, startedAt: "now" };
const ENDED = { type: "take_ended", endedAt: "then", seconds: 2, bytes: 6000 };
const saying = (sequence) => [
  { type: "ai_turn_started", turnId: `t${sequence}`, sequence },
  { type: "ai_text", turnId: `t${sequence}`, sequence, delta: "Well, " },
  { type: "sound_started", sequence },
];
const said = (sequence) => [
  { type: "ai_turn", turn: aiTurn(sequence) },
  { type: "sound_ended", sequence, at: 7000 },
];
const myTurn = [OPEN, MICROPHONE, snapshot([]), ...saying(0), ...said(0)];

test("a conversation goes through its scenes", () => {
  const scenes = [];
  let room = emptyRoom({ session: session({ status: "pending" }) });
  const step = (...events) => {
    room = events.reduce(reduce, room);
    scenes.push(scene(room));
  };
  step();
  step(OPEN, MICROPHONE, snapshot([], { status: "pending" }), { type: "queued", position: 2, expiresAt: "soon" });
  step(snapshot([]));
  step(...saying(0));
  step(...said(0));
  step(STARTED);
  step(ENDED);
  step(ACCEPTED);
  step(...saying(2));
  step(...said(2));
  step({ type: "termination", termination: { reason: "manual", terminatedAt: "x", latencyMs: 1 }, message: "You stopped." });
  assert.deepEqual(scenes, ["connecting", "queued", "opening", "speaking", "yours", "recording", "sending", "thinking", "speaking", "yours", "ended"]);
  assert.deepEqual(room.ending, { reason: "manual", message: "You stopped." });
});

test("the reply is shown as it is written, and corrected by the stored turn", () => {
  const room = after(OPEN, snapshot([]), ...saying(0), { type: "ai_text", sequence: 0, delta: "Alex." });
  assert.equal(room.reply.text, "Well, Alex.");
  assert.equal(reduce(room, { type: "ai_turn", turn: aiTurn(0) }).reply.text, "line 0");
});

test("the latest line is on stage, the others recede", () => {
  const on = (room) => [script(room).earlier.map(({ sequence }) => sequence), script(room).current?.sequence, script(room).current?.state];
  assert.deepEqual(on(after(OPEN, snapshot([]))), [[], undefined, undefined]);
  const speaking = after(OPEN, snapshot([]), ...saying(0), { type: "ai_turn", turn: aiTurn(0) });
  assert.equal(scene(speaking), "speaking");
  assert.deepEqual(on(speaking), [[], 0, "saying"]);
  assert.deepEqual(on(after(...myTurn)), [[], 0, "said"]);
  assert.deepEqual(on(after(...myTurn, STARTED, ENDED, ACCEPTED)), [[0], 1, "transcribing"]);
  assert.deepEqual(on(after(...myTurn, STARTED, ENDED, ACCEPTED, { type: "ai_turn_started", turnId: "t2", sequence: 2 })), [[0], 1, "transcribing"]);
  assert.deepEqual(on(after(...myTurn, STARTED, ENDED, ACCEPTED, ...saying(2))), [[0, 1], 2, "saying"]);
});

test("a page that was reloaded in the middle of a line keeps the words it came with, while they are sent again", () => {
  const half = aiTurn(2, { transcript: "Well, Alex", endedAt: null });
  const current = (room) => script(room).current?.text;
  const steps = [
    [emptyRoom({ session: session(), turns: [aiTurn(0), traineeTurn(1), half] }), "Well, Alex"],
    [OPEN, "Well, Alex"],
    [snapshot([aiTurn(0), traineeTurn(1), half]), "Well, Alex"],
    [saying(2)[0], "Well, Alex"],
    [saying(2)[1], "Well, Alex"],
    [{ type: "ai_text", sequence: 2, delta: "Alexandra." }, "Well, Alexandra."],
    [{ type: "ai_turn", turn: aiTurn(2) }, "line 2"],
  ];
  let room = null;
  for (const [step, words] of steps) {
    room = room === null ? step : reduce(room, step);
    assert.equal(current(room), words);
  }
});

test("while the models that play them are restarted the room says so and its clock stands still, until the answer begins", () => {
  const say = (key) => key;
  const told = (...events) => {
    const room = after(...myTurn, STARTED, ENDED, ACCEPTED, ...events);
    return noticeOf(room, { scene: scene(room), say, name: "Sam", waitedMs: 0 })?.words ?? null;
  };
  const away = { type: "models_restarting", turnId: "t2", sequence: 2, at: 9000 };
  assert.equal(told(), null);
  assert.equal(told(away), "notice.restarting");
  assert.equal(told(...saying(2), away), "notice.restarting");
  assert.equal(told(away, ...saying(2)), null);
  assert.equal(told(away, { type: "ai_turn", turn: aiTurn(2) }), null);
  const waits = after(...myTurn, STARTED, ENDED, ACCEPTED, away);
  assert.equal(stoodStillMs(waits, 11_000), 2000);
  const answers = reduce(waits, { type: "ai_turn_started", turnId: "t2", sequence: 2, at: 15_000 });
  assert.equal(stoodStillMs(answers, 20_000), 6000);
});

test("a recording that could not be transcribed says so", () => {
  const room = after(...myTurn, STARTED, ENDED, ACCEPTED, { type: "turn_updated", turn: traineeTurn(1, { asrStatus: "failed", transcript: null }) });
  assert.equal(script(room).current.state, "unheard");
});

test("sound that ends before the turn is stored leaves no gap", () => {
  const room = after(OPEN, MICROPHONE, snapshot([]), ...saying(0), { type: "sound_ended", sequence: 0, at: 1 });
  assert.equal(scene(reduce(room, { type: "ai_turn", turn: aiTurn(0) })), "yours");
});

test("silence is counted from the end of the sound, and not while the trainee speaks", () => {
  const room = after(...myTurn);
  assert.equal(room.quietSince, 7000);
  assert.equal(reduce(room, STARTED).quietSince, null);
  assert.equal(reduce(reduce(room, STARTED), { type: "take_dropped", at: 9000 }).quietSince, 9000);
});

test("speaking over the AI names the turn it cuts, and the rest of that turn is neither heard nor shown", () => {
  let room = after(...myTurn, STARTED, ENDED, ACCEPTED, ...saying(2));
  assert.equal(maySpeak(room), true);
  assert.equal(interrupts(room), 2);
  room = reduce(room, { type: "sound_stopped", sequence: 2 });
  assert.equal(nextSequence(room), 3);
  assert.equal(reduce(room, { type: "ai_text", sequence: 2, delta: "more" }).reply.text, "Well, ");
  room = [{ type: "take_started", sequence: 3, startedAt: "x" }, { type: "ai_turn", turn: aiTurn(2, { interrupted: true }) }].reduce(reduce, room);
  assert.equal(room.reply, null);
  assert.equal(scene(room), "recording");
});

test("a reply that was cut off does not come back with a replay", () => {
  const room = after(...myTurn, STARTED, ENDED, ACCEPTED, ...saying(2), { type: "sound_stopped", sequence: 2 }, snapshot([aiTurn(0), traineeTurn(1), aiTurn(2, { endedAt: null })]), ...saying(2));
  assert.equal(room.reply.silenced, true);
});

test("nobody may speak while the AI thinks, while waiting in the queue or without a connection", () => {
  assert.equal(maySpeak(after(...myTurn)), true);
  assert.equal(maySpeak(after(...myTurn, STARTED, ENDED, ACCEPTED)), false);
  assert.equal(maySpeak(after(OPEN, snapshot([], { status: "pending" }))), false);
  assert.equal(maySpeak(after(...myTurn, { type: "link", link: "lost", attempt: 1, everOpened: true })), false);
  assert.equal(maySpeak(after(...myTurn, { type: "elsewhere", elsewhere: true })), false);
});

test("the trainee's turns are odd and follow the AI's", () => {
  assert.equal(nextSequence(after(OPEN, snapshot([]), ...saying(0))), 1);
  assert.equal(nextSequence(after(...myTurn)), 1);
  assert.equal(nextSequence(after(...myTurn, STARTED, ENDED, ACCEPTED, ...saying(2))), 3);
});

test("an accepted recording is a turn that is being transcribed", () => {
  const { current } = script(after(...myTurn, STARTED, ENDED, ACCEPTED));
  assert.deepEqual([current.speaker, current.state, current.hasAudio], ["trainee", "transcribing", true]);
  const room = after(...myTurn, STARTED, ENDED, ACCEPTED, { type: "turn_updated", turn: traineeTurn(1, { transcript: "I said" }) });
  assert.deepEqual([script(room).current.text, script(room).current.state], ["I said", "said"]);
});

test("a typed turn needs no transcription", () => {
  const room = after(...myTurn, { type: "take_typed", sequence: 1, startedAt: "a", endedAt: "b", text: "Hello" }, ACCEPTED);
  const { text, state, hasAudio } = script(room).current;
  assert.deepEqual([text, state, hasAudio], ["Hello", "said", false]);
});

test("a refused turn is kept with the server's words, and may be said again", () => {
  const room = after(...myTurn, STARTED, ENDED, { type: "turn_rejected", sequence: 1, code: "resend_turn", detail: "Too short." });
  assert.equal(scene(room), "refused");
  assert.deepEqual(room.take.refusal, { code: "resend_turn", detail: "Too short." });
  assert.equal(maySpeak(room), true);
  assert.equal(scene(reduce(room, { type: "take_sending" })), "sending");
});

test("a refusal of another tab's turn is ignored", () => {
  const room = after(...myTurn);
  assert.equal(reduce(room, { type: "turn_rejected", sequence: 1, code: "resend_turn", detail: "" }), room);
});

test("a receipt with status closed drops the take", () => {
  const room = after(...myTurn, STARTED, ENDED, { type: "turn_accepted", receipt: { ...ACCEPTED.receipt, status: "closed" } });
  assert.equal(room.take, null);
  assert.equal(room.turns.length, 1);
});

test("after a reconnect a take that did not arrive waits to be sent, one that did is done", () => {
  const cut = [...myTurn, STARTED, ENDED, { type: "link", link: "lost", attempt: 1, everOpened: true }];
  assert.equal(scene(after(...cut)), "reconnecting");
  assert.equal(after(...cut, OPEN, snapshot([aiTurn(0)])).take.phase, "unsent");
  const arrived = after(...cut, OPEN, snapshot([aiTurn(0), traineeTurn(1, { asrStatus: "pending", transcript: null })]));
  assert.equal(arrived.take, null);
  assert.equal(scene(arrived), "thinking");
});

test("the trainee can go on speaking while the connection is lost", () => {
  assert.equal(scene(after(...myTurn, STARTED, { type: "link", link: "lost", attempt: 1, everOpened: true })), "recording");
});

test("a recording found after a reload waits for the trainee's decision", () => {
  const room = after(...myTurn, { type: "take_found", sequence: 1, startedAt: "a", endedAt: "b", seconds: 3, bytes: 9000 });
  assert.equal(scene(room), "kept");
  assert.equal(scene(reduce(room, { type: "take_dropped", at: 1 })), "yours");
});

test("the AI thinks until its first word or sound, and may be cut short even then", () => {
  const announced = { type: "ai_turn_started", turnId: "t0", sequence: 0 };
  assert.equal(scene(after(OPEN, snapshot([]), announced)), "opening");
  const room = after(...myTurn, STARTED, ENDED, ACCEPTED, { ...announced, turnId: "t2", sequence: 2 });
  assert.equal(scene(room), "thinking");
  assert.equal(interrupts(room), 2);
  assert.equal(scene(reduce(room, { type: "sound_started", sequence: 2 })), "speaking");
  assert.equal(scene(reduce(room, { type: "ai_text", sequence: 2, delta: "No." })), "speaking");
});

test("a reply in progress when the page loads goes on", () => {
  const room = after(OPEN, snapshot([aiTurn(0), traineeTurn(1), aiTurn(2, { endedAt: null, transcript: null })]));
  assert.equal(room.reply.sequence, 2);
  assert.equal(scene(room), "thinking");
  assert.equal(scene(reduce(room, { type: "ai_text", sequence: 2, delta: "So" })), "speaking");
  assert.deepEqual(room.turns.filter(isSaid).map(({ sequence }) => sequence), [0, 1]);
});

test("a reply completed during a disconnection keeps playing", () => {
  const room = after(OPEN, snapshot([]), ...saying(0), { type: "link", link: "lost", attempt: 1, everOpened: true }, OPEN, snapshot([aiTurn(0)]));
  assert.equal(room.reply.written, true);
  assert.equal(scene(room), "speaking");
});

test("blocked sound is a scene of its own", () => {
  assert.equal(scene(after(OPEN, snapshot([]), ...saying(0).slice(0, 2), { type: "sound_blocked" })), "blocked");
});

test("each connection state has its own scene", () => {
  const link = (changes) => scene(after({ type: "link", link: "lost", attempt: 1, everOpened: false, ...changes }));
  assert.equal(link({}), "connecting");
  assert.equal(link({ attempt: 3 }), "unreachable");
  assert.equal(link({ everOpened: true, attempt: 9 }), "reconnecting");
  assert.equal(link({ link: "gone" }), "gone");
  assert.equal(link({ link: "signed-out" }), "signed-out");
  assert.equal(scene(after(OPEN, { type: "online", online: false })), "offline");
});

test("without a microphone it is still the trainee's turn, by typing", () => {
  assert.equal(scene(after(...myTurn, { type: "microphone", microphone: "denied" })), "typing");
  assert.equal(scene(after(...myTurn, { type: "microphone", microphone: "ask" })), "ask");
  assert.equal(scene(after(...myTurn, { type: "microphone", microphone: "opening" })), "asking");
});

test("after the end transcripts and the evaluation still arrive, and nothing starts again", () => {
  const room = after(...myTurn, STARTED, ENDED, ACCEPTED, { type: "termination", termination: { reason: "idle", terminatedAt: "x" }, message: "m" }, { type: "turn_updated", turn: traineeTurn(1) }, { type: "evaluation_ready", evaluation: { id: "e" } }, ...saying(2));
  assert.equal(scene(room), "ended");
  assert.equal(room.turns[1].asrStatus, "completed");
  assert.deepEqual(room.evaluation, { id: "e" });
  assert.equal(room.reply, null);
});

test("a line that is playing at the end is heard to its end", () => {
  const end = { type: "termination", termination: { reason: "objective_met", terminatedAt: "x" }, message: "m" };
  const room = after(...myTurn, STARTED, ENDED, ACCEPTED, ...saying(2), end);
  assert.equal(scene(room), "ended");
  assert.equal(room.reply.sequence, 2);
  assert.equal([{ type: "ai_turn", turn: aiTurn(2) }, { type: "sound_ended", sequence: 2, at: 1 }].reduce(reduce, room).reply, null);
});

test("a reply missing from the snapshot goes on where it was", () => {
  const room = after(...myTurn, STARTED, ENDED, ACCEPTED, ...saying(2), { type: "link", link: "lost", attempt: 1, everOpened: true }, OPEN, snapshot([aiTurn(0), traineeTurn(1)]));
  assert.equal(room.reply.sound, "playing");
});

test("a session that ended during a disconnection ends here", () => {
  const room = after(...myTurn, snapshot([aiTurn(0)], { status: "ended", terminationReason: "idle" }));
  assert.equal(scene(room), "ended");
  assert.equal(room.ending.reason, "idle");
});

test("unknown frames of a newer server are ignored", () => {
  const room = after(...myTurn);
  assert.equal(reduce(room, { type: "weather" }), room);
});

test("a recording without speech waits for the trainee's decision, and speaking replaces it", () => {
  const room = after(...myTurn, STARTED, { ...ENDED, type: "take_quiet" });
  assert.equal(scene(room), "quiet");
  assert.equal(maySpeak(room), true);
  assert.equal(scene(reduce(room, snapshot([aiTurn(0)]))), "quiet");
  assert.equal(scene(reduce(room, { type: "take_sending" })), "sending");
});

test("a line in which no words were recognised says so", () => {
  const wordless = (transcript, changes = {}) => script(after(OPEN, snapshot([aiTurn(0), traineeTurn(1, { transcript, ...changes })]))).current.state;
  assert.equal(wordless(""), "wordless");
  assert.equal(wordless(" \n"), "wordless");
  assert.equal(wordless(null, { asrStatus: "pending" }), "transcribing");
  assert.equal(wordless("Yes."), "said");
});

test("every microphone problem leads to typing; waiting for the microphone does not", () => {
  const at = (microphone) => scene(after(...myTurn, { type: "microphone", microphone }));
  assert.deepEqual(["denied", "dismissed", "recorder", "busy", "unanswered"].map(at), new Array(5).fill("typing"));
  assert.deepEqual(["unknown", "ask", "opening", "open"].map(at), ["ask", "ask", "asking", "yours"]);
});
