import assert from "node:assert/strict";
import { test } from "node:test";
import * as rules from "../../static/js/room-state.js";
import { createServerClock } from "../../static/js/server-clock.js";
import { say as wire } from "../../static/js/socket.js";
import { createTraineeInput } from "../../static/js/trainee-input.js";
import { createTraineeTurn } from "../../static/js/trainee-turn.js";
import { createTypedTurn } from "../../static/js/typed-turn.js";
import { createVad } from "../../static/js/vad.js";
import { aiTurn, createTime, session, settled } from "./stand-ins.js";

const SPEECH = 0.05;

// The trainee's side of a room in which it is their turn. The microphone is open unless `open` decides otherwise.
async function trainee({ open = async () => {}, find = async () => undefined } = {}) {
  const time = createTime(Date.parse("2026-11-22T12:00:00Z"));
  const sent = [];
  const frames = [];
  const told = [];
  let room = [
    { type: "link", link: "open", attempt: 0, everOpened: true },
    { type: "session", session: session(), turns: [aiTurn(0)], evaluation: null, at: 1000 },
  ].reduce(rules.reduce, rules.emptyRoom({ session: session() }));
  const send = (frame) => {
    frames.push(typeof frame === "string" ? JSON.parse(frame) : { type: "audio" });
    return sent.push(frames.at(-1).type) > 0;
  };
  const clock = createServerClock({ wall: time.now, steady: time.now });
  const recordings = { keep: async () => {}, find, forget: async () => {} };
  let isOpen = false;
  const recorder = {
    opened: 0,
    isOpen: () => isOpen,
    open: async () => {
      recorder.opened += 1;
      await open(recorder.opened);
      isOpen = true;
    },
    close: () => (isOpen = false),
    start() {},
    stop() {},
    cancel() {},
  };
  const shared = {
    given: {
      rules, wire, clock, timers: time, recordings, vad: createVad({ now: time.now }),
      announce() {}, say: (key) => key, stage: { yourLevel() {} }, problemOf: async (error) => error.kind ?? "failed",
      createTurn: (options) => createTraineeTurn({ sessionId: "s1", say: wire, clock, recordings, timers: time, ...options }),
    },
    room: () => room,
    dispatch: (event) => (room = rules.reduce(room, event)),
    send,
    cutIn: async () => {},
    tell: (key) => told.push(key),
  };
  const input = createTraineeInput(shared);
  const typing = createTypedTurn({ ...shared, input });
  input.furnish({ recorder, socket: { calibrate: clock.forget } });
  input.askMicrophone();
  await settled();
  const frame = (message) => {
    shared.dispatch({ ...message, at: clock.now() });
    if (message.type === "turn_rejected") input.afterRefusal(message);
  };
  return { input, typing, recorder, time, sent, frames, frame, told, dispatch: shared.dispatch, room: () => room, scene: () => rules.scene(room) };
}

function speak({ input, time }, { level = SPEECH, seconds = 1, bytes = 3000 } = {}) {
  input.begin();
  for (let passed = 0; passed < seconds * 1000; passed += 50) {
    time.pass(50);
    input.events.level(level);
  }
  if (bytes > 0) input.events.piece(1, new ArrayBuffer(bytes));
}

test("a spoken turn is sent", async () => {
  const here = await trainee();
  speak(here);
  here.input.events.done(1, { seconds: 1, bytes: 3000 });
  assert.deepEqual([here.scene(), here.sent.at(-1)], ["sending", "turn_end"]);
});

// A spoken turn on its way; what was sent so far is forgotten.
async function spoken() {
  const here = await trainee();
  speak(here);
  here.input.events.done(1, { seconds: 1, bytes: 3000 });
  here.sent.length = 0;
  return here;
}

const REFUSED = { type: "turn_rejected", sequence: 1, detail: "" };
const DRIFTED = { ...REFUSED, code: "clock_drift", serverTime: "2026-11-22T15:00:00.000Z" };
const WHOLE = ["turn_cancel", "turn_start", "audio", "turn_end"];

test("a turn refused for its clock is ended again by the server's time, and not uploaded again", async () => {
  const here = await spoken();
  here.frame(DRIFTED);
  here.time.pass(300);
  assert.deepEqual([here.sent, here.scene()], [["turn_end"], "sending"]);
  assert.equal(here.frames.at(-1).clientSentAt, "2026-11-22T15:00:00.300Z");
});

test("however often Send again is pressed, only every second time is the recording uploaded", async () => {
  const here = await spoken();
  for (const expected of [["turn_end"], WHOLE, ["turn_end"], WHOLE]) {
    here.frame(DRIFTED);
    here.time.pass(300);
    if (here.scene() === "refused") here.input.sendAgain();
    assert.deepEqual(here.sent, expected);
    here.sent.length = 0;
  }
});

test("a server that has not kept the recording of such a turn is sent all of it, once", async () => {
  const here = await spoken();
  here.frame(DRIFTED);
  here.time.pass(300);
  here.frame({ ...REFUSED, code: "resend_turn" });
  assert.deepEqual([here.sent, here.scene()], [["turn_end", ...WHOLE], "sending"]);
  here.frame({ ...REFUSED, code: "resend_turn" });
  here.time.pass(300);
  assert.deepEqual([here.sent.length, here.scene()], [5, "refused"]);
});

test("a turn said anew after one of which only the end was sent is refused like any other", async () => {
  const here = await spoken();
  here.frame(DRIFTED);
  here.time.pass(300);
  here.frame({ ...REFUSED, code: "out_of_order" });
  speak(here);
  here.input.events.done(2, { seconds: 1, bytes: 3000 });
  here.sent.length = 0;
  here.frame({ ...REFUSED, code: "resend_turn" });
  assert.deepEqual([here.sent, here.scene()], [[], "refused"]);
});

test("a text refused for its clock is sent again by the server's time", async () => {
  const here = await trainee();
  here.typing.send("What happened?");
  await settled();
  here.frame({ ...DRIFTED, serverTime: "2026-11-22T11:00:00.000Z" });
  here.time.pass(300);
  const { startedAt, endedAt, clientSentAt } = here.frames.at(-1);
  assert.equal(clientSentAt, "2026-11-22T11:00:00.300Z");
  assert.ok(startedAt <= endedAt && endedAt <= clientSentAt);
});

test("a recording without speech is sent or recorded again only as the trainee chooses", async () => {
  const here = await trainee();
  speak(here, { level: 0.0001, seconds: 3 });
  assert.equal(here.room().take.unheard, true);
  here.input.events.done(1, { seconds: 3, bytes: 3000 });
  assert.equal(here.scene(), "quiet");
  assert.ok(!here.sent.includes("turn_end"));
  here.input.sendAgain();
  assert.deepEqual([here.scene(), here.sent.at(-1)], ["sending", "turn_end"]);

  const again = await trainee();
  speak(again, { level: 0.0001 });
  again.input.events.done(1, { seconds: 1, bytes: 3000 });
  speak(again);
  again.input.events.done(2, { seconds: 1, bytes: 3000 });
  assert.deepEqual([again.scene(), again.sent.at(-1)], ["sending", "turn_end"]);
});

test("a recording of an earlier page found during a new one is offered, and neither is lost", async () => {
  const kept = { startedAt: "2026-11-22T11:59:00.000Z", endedAt: null, pieces: [new ArrayBuffer(9000)], seconds: 0 };
  let opened;
  const here = await trainee({ find: () => new Promise((resolve) => (opened = resolve)) });
  here.input.afterSnapshot({ session: session(), turns: here.room().turns });
  speak(here);
  opened(kept);
  await settled();
  assert.deepEqual([here.scene(), here.room().take.earlier], ["recording", 3]);
  here.input.events.done(1, { seconds: 1, bytes: 3000 });
  assert.deepEqual([here.scene(), here.room().take.seconds], ["kept", 1]);
  assert.ok(!here.sent.includes("turn_end"));
  here.input.drop({ sendEarlier: true });
  opened(kept);
  await settled();
  assert.deepEqual([here.scene(), here.room().take.seconds, here.sent.at(-1)], ["sending", 3, "turn_end"]);

  const cancelled = await trainee({ find: () => new Promise((resolve) => (opened = resolve)) });
  speak(cancelled);
  cancelled.input.cancel();
  opened(kept);
  await settled();
  assert.deepEqual([cancelled.scene(), cancelled.room().take.seconds], ["kept", 3], "Escape is for the new one");
});

for (const [why, microphone] of [["encoder", "recorder"], ["interrupted", "ask"]]) {
  test(`if the recorder fails (${why}) during a take, what was said is kept`, async () => {
    const here = await trainee();
    speak(here);
    here.input.events.failed(why);
    assert.deepEqual([here.scene(), here.room().microphone, here.recorder.isOpen(), here.told], ["kept", microphone, false, ["notice.lost"]]);
  });

  test(`if it fails (${why}) before anything was heard, that is reported and the turn can start again`, async () => {
    const here = await trainee();
    speak(here, { bytes: 0 });
    here.input.events.failed(why);
    assert.equal(here.room().take, null);
    assert.equal(here.told.length, 1);
    here.input.begin();
    await settled();
    assert.equal(here.room().microphone, "open");
    assert.equal(here.recorder.opened, 2);
  });
}

test("a recorder that cannot start a take is reported, and opened again", async () => {
  const here = await trainee();
  here.recorder.start = () => {
    throw new DOMException("", "InvalidStateError");
  };
  await here.input.begin();
  assert.deepEqual([here.room().take, here.room().microphone, here.told], [null, "ask", ["notice.interrupted"]]);
});

test("a microphone request that is never answered can be made again, and the first one is outdated", async () => {
  const answers = [];
  const here = await trainee({ open: (count) => new Promise((resolve, reject) => (answers[count] = { resolve, reject })) });
  here.input.askMicrophone();
  assert.equal(here.recorder.opened, 1, "at once would be a double click");
  here.time.pass(4000);
  here.input.askMicrophone();
  answers[1].reject(Object.assign(new Error(), { kind: "closed" }));
  answers[2].resolve();
  await settled();
  assert.deepEqual([here.recorder.opened, here.room().microphone], [2, "open"]);
});

test("nothing is opened after the room was left", async () => {
  let allow;
  const here = await trainee({ open: () => new Promise((resolve) => (allow = resolve)) });
  here.input.close();
  allow();
  await settled();
  assert.equal(here.room().microphone, "opening");
});

test("a microphone given to another tab is reopened only if it was in use", async () => {
  const here = await trainee();
  assert.equal(here.input.releaseMicrophone(), true);
  assert.equal(here.recorder.isOpen(), false);
  assert.equal(here.input.releaseMicrophone(), false);
});

test("whoever goes on typing keeps the idle clock stopped", async () => {
  const here = await trainee();
  here.typing.typed("A");
  here.time.pass(20_000);
  here.typing.typed("At");
  here.sent.length = 0;
  here.time.pass(1);
  here.typing.typed("At ");
  assert.deepEqual(here.sent, ["turn_cancel", "turn_start"]);
  const [first, again] = here.frames.filter(({ type }) => type === "turn_start");
  assert.deepEqual(again, first);
  here.time.pass(10_000);
  here.typing.typed("At l");
  assert.equal(here.sent.length, 2);
});

test("whoever stops typing sees when the session will end: a minute does not count, then silence does", async () => {
  const here = await trainee();
  here.dispatch({ type: "take_dropped", at: here.time.now() });
  const quietSince = here.time.now();
  here.time.pass(5000);
  here.typing.typed("A");
  assert.equal(here.room().quietSince, quietSince + 60_000);
  here.time.pass(30_000);
  here.typing.typed("At");
  assert.equal(here.room().quietSince, here.time.now() + 60_000);
  here.time.pass(70_000);
  here.typing.typed("At ");
  assert.equal(here.room().quietSince, here.time.now() + 60_000);
  here.typing.typed("");
  assert.equal(here.room().quietSince, here.time.now());
});

test("emptying the field keeps a refused recording on offer", async () => {
  const here = await spoken();
  here.frame({ ...REFUSED, code: "out_of_order" });
  here.typing.typed("A");
  here.typing.typed("");
  assert.deepEqual([here.scene(), here.sent], ["refused", ["turn_cancel", "turn_start", "turn_cancel"]]);
  here.input.sendAgain();
  assert.deepEqual(here.sent.slice(3), WHOLE);
});

test("what is typed on after a new connection holds the idle clock anew", async () => {
  const here = await trainee();
  here.typing.typed("A");
  here.input.afterSnapshot({ session: session(), turns: here.room().turns });
  here.sent.length = 0;
  here.typing.typed("At");
  assert.deepEqual(here.sent, ["turn_cancel", "turn_start"]);
});

test("typing begins a turn, emptying the field takes it back, and a refused text is sent again", async () => {
  const here = await trainee();
  here.typing.typed("Ah");
  here.typing.typed("");
  assert.deepEqual(here.sent.slice(-2), ["turn_start", "turn_cancel"]);
  assert.equal(here.typing.send("  "), false);
  assert.equal(here.typing.send("What happened?"), true);
  await settled();
  assert.deepEqual([here.scene(), here.room().take.text, here.sent.at(-1)], ["sending", "What happened?", "turn_text"]);
  here.input.sendAgain();
  assert.deepEqual(here.sent.slice(-2), ["turn_text", "turn_text"]);
});
