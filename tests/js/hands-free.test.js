import assert from "node:assert/strict";
import { test } from "node:test";
import { createEar } from "../../static/js/ear.js";
import { createHandsFree } from "../../static/js/hands-free.js";
import { handsFreeWords } from "../../static/js/hands-free-words.js";
import * as rules from "../../static/js/room-state.js";
import { createTurnTaking } from "../../static/js/turn-taking.js";
import { aiTurn, createPort, createTime, session, settled } from "./stand-ins.js";

const VOICE = { probability: 0.95, level: 0.1, tilt: 0.3 };
const QUIET = { probability: 0.02, level: 0.001, tilt: 0.5 };

// A room in which it is the trainee's turn. `load` decides how loading the detector ends.
function room({ load = async () => {}, microphone = "open", asksEndOfTurn = false } = {}) {
  const time = createTime();
  const did = [];
  const told = [];
  let now = [
    { type: "link", link: "open", attempt: 0, everOpened: true },
    { type: "session", session: session(), turns: [aiTurn(0)], evaluation: null, at: 1000 },
    { type: "microphone", microphone },
  ].reduce(rules.reduce, rules.emptyRoom({ session: session() }));
  const dispatch = (event) => (now = rules.reduce(now, event));
  const input = {
    begin: ({ leadMs }) => (did.push("begin"), dispatch({ type: "take_started", sequence: 1, startedAt: time.now(), leadMs })),
    end: ({ tailSeconds } = {}) => (did.push(`end after ${tailSeconds} s`), dispatch({ type: "take_ended", endedAt: time.now(), seconds: 1, bytes: 1 })),
    discard: () => (did.push("discard"), dispatch({ type: "take_dropped", at: time.now() })),
    askWhetherOver: () => did.push("ask"),
    askMicrophone: () => did.push("askMicrophone"),
    isRecording: () => now.take?.phase === "recording",
  };
  const ear = { open: load, close: () => did.push("close") };
  const recorder = { isOpen: () => microphone === "open", resume: () => did.push("resume") };
  let typing = false;
  let way = "not";
  const handsFree = createHandsFree({
    given: { rules, timers: time, announce: (words) => told.push(words), say: (key) => key, createTurnTaking, asksEndOfTurn, remember: (is) => did.push(`remember ${is}`) },
    room: () => now, dispatch, tell: (key) => told.push(key), input, giveWay: (how) => (way = how), isTyping: () => typing, stay: () => did.push("stay"),
  });
  handsFree.furnish({ ear, recorder });
  const hear = (frame, ms) => {
    for (let passed = 0; passed < ms; passed += 32) {
      time.pass(32);
      handsFree.earEvents.frame(frame);
    }
  };
  const words = () => handsFreeWords(now, { scene: rules.scene(now), typing, tapped: false }).state;
  return { handsFree, way: () => way, time, did, told, hear, dispatch, words, room: () => now, type: (is) => (typing = is) };
}

async function listening(options) {
  const here = room(options);
  await here.handsFree.choose(true);
  here.did.length = here.told.length = 0;
  return here;
}

test("every state has its words: getting ready, listening, hearing, waiting, and back to listening", async () => {
  let loaded;
  const here = room({ load: () => new Promise((resolve) => (loaded = resolve)) });
  assert.equal(here.words(), null);
  here.handsFree.choose(true);
  assert.equal(here.words(), "hands.loading");
  loaded();
  await settled();
  assert.equal(here.words(), "hands.yours");
  here.hear(VOICE, 800);
  assert.equal(here.words(), "hands.recording");
  here.hear(QUIET, 400);
  assert.equal(here.words(), "hands.pausing");
  here.hear(QUIET, 2000);
  assert.deepEqual(here.did.slice(-2), ["begin", "end after 0 s"]);
  here.handsFree.choose(false);
  assert.equal(here.room().handsFree, null);
  assert.deepEqual(here.told, ["hands.loading", "hands.on.said", "hands.off.said"]);
});

test("a detector that cannot be loaded leaves push-to-talk, and is not tried again by itself", async () => {
  const here = room({ load: async () => Promise.reject(new Error("no SIMD")) });
  await here.handsFree.choose(true);
  assert.equal(here.room().handsFree, null);
  assert.deepEqual(here.told.at(-1), "notice.hands-free");
  assert.equal(here.did.at(-1), "remember false");
});

test("switched off while it loads, it stays off", async () => {
  let loaded;
  const here = room({ load: () => new Promise((resolve) => (loaded = resolve)) });
  here.handsFree.choose(true);
  here.handsFree.choose(false);
  loaded();
  await settled();
  here.hear(VOICE, 800);
  assert.equal(here.room().handsFree, null);
  assert.ok(!here.did.includes("begin"));
});

test("switched off in the middle of a sentence, the recording goes on by hand", async () => {
  const here = await listening();
  here.hear(VOICE, 800);
  here.handsFree.choose(false);
  assert.equal(here.did.at(-1), "stay");
  assert.equal(here.room().take.phase, "recording");
});

test("the other person falls silent while they may be interrupted, and no longer when hands-free is switched off", async () => {
  const here = await listening();
  const line = [{ type: "ai_turn_started", turnId: "t2", sequence: 2 }, { type: "audio", sequence: 2, pcm: new Int16Array(1) }, { type: "sound_started", sequence: 2 }];
  line.forEach(here.dispatch);
  here.hear(VOICE, 256);
  assert.equal(here.way(), "silent");
  here.hear(QUIET, 320);
  assert.equal(here.way(), "not");
  here.hear(VOICE, 256);
  here.handsFree.choose(false);
  assert.equal(here.way(), "not");
  assert.ok(!here.did.includes("begin"));
});

test("a microphone without samples is reported, woken by a key, and heard again", async () => {
  const here = await listening();
  here.time.pass(2100);
  here.handsFree.tick();
  assert.equal(here.words(), "hands.deaf");
  here.handsFree.wake();
  assert.deepEqual(here.did, ["resume"]);
  here.hear(QUIET, 64);
  assert.equal(here.words(), "hands.yours");
});

test("a lost microphone is left to the room, and listening goes on once it is back", async () => {
  const here = await listening();
  here.dispatch({ type: "microphone", microphone: "missing" });
  here.time.pass(10_000);
  here.handsFree.tick();
  assert.equal(here.words(), null);
  here.dispatch({ type: "microphone", microphone: "open" });
  assert.equal(here.words(), "hands.yours");
});

test("a hidden page stops listening; what was said until then is sent", async () => {
  const here = await listening();
  here.hear(VOICE, 800);
  here.handsFree.hide(true);
  assert.equal(here.did.at(-1), "end after undefined s");
  here.dispatch({ type: "take_dropped", at: 0 });
  here.did.length = 0;
  here.hear(VOICE, 2000);
  assert.deepEqual([here.did, here.words()], [[], "hands.hidden"]);
  here.handsFree.hide(false);
  here.hear(QUIET, 600);
  here.hear(VOICE, 300);
  assert.deepEqual(here.did, ["begin"]);
});

test("nothing is recorded in another tab, while typing or with the microphone muted", async () => {
  for (const away of [
    (here) => here.dispatch({ type: "elsewhere", elsewhere: true }),
    (here) => here.type(true),
    (here) => here.dispatch({ type: "microphone_muted", muted: true }),
  ]) {
    const here = await listening();
    away(here);
    here.hear(VOICE, 2000);
    assert.deepEqual(here.did, []);
  }
});

test("a turn that ended at its limit or by hand is not started again by the same words", async () => {
  const here = await listening();
  here.hear(VOICE, 800);
  here.dispatch({ type: "take_dropped", at: 0 });
  here.hear(VOICE, 800);
  assert.deepEqual(here.did, ["begin"]);
});

test("the server is asked only if it has a model, and its answer counts for this turn only", async () => {
  const without = await listening();
  without.hear(VOICE, 800);
  without.hear(QUIET, 300);
  assert.ok(!without.did.includes("ask"));

  const here = await listening({ asksEndOfTurn: true });
  here.hear(VOICE, 800);
  here.hear(QUIET, 300);
  assert.equal(here.did.at(-1), "ask");
  here.handsFree.endOfTurn({ sequence: 3, probability: 0.99 });
  here.hear(QUIET, 256);
  assert.equal(here.did.at(-1), "ask");
  here.handsFree.endOfTurn({ sequence: 1, probability: 0.99 });
  here.hear(QUIET, 1600);
  assert.equal(here.did.at(-1), "end after 0 s");
});

test("detector and microphone may come in any order, and a new microphone is used after one was lost", async () => {
  const workers = [];
  const channel = () => ({ port1: "one", port2: "two" });
  const frames = [];
  const ear = createEar({
    createWorker: () => workers[workers.push({ ...createPort(), terminate() {} }) - 1],
    createChannel: channel, assets: { runtime: "r", wasm: "w", model: "m" }, timers: createTime(),
    on: { frame: (frame) => frames.push(frame.probability), failed: () => frames.push("failed") },
  });
  const first = { node: { port: createPort() }, sampleRate: 48_000 };
  ear.connect(first);
  const opening = ear.open();
  workers[0].deliver({ type: "ready" });
  await opening;
  assert.deepEqual(workers[0].posted.map(({ type }) => type), ["open", "hear"]);
  assert.deepEqual(first.node.port.posted, [{ type: "listen", port: "one" }]);
  ear.connect({ node: { port: createPort() }, sampleRate: 44_100 });
  assert.equal(workers[0].posted.at(-1).sampleRate, 44_100);
  workers[0].deliver({ type: "frame", probability: 0.5 });
  workers[0].deliver({ type: "failed", name: "Error" });
  assert.deepEqual(frames, [0.5, "failed"]);
  assert.equal(ear.isOpen(), false);
});

test("a detector that does not load rejects, and can be opened again", async () => {
  const workers = [];
  const ear = createEar({
    createWorker: () => workers[workers.push({ ...createPort(), terminate() {} }) - 1],
    createChannel: () => ({}), assets: {}, timers: createTime(), on: { frame() {}, failed() {} },
  });
  const first = ear.open();
  workers[0].deliver({ type: "failed", name: "CompileError" });
  await assert.rejects(first);
  const second = ear.open();
  workers[1].deliver({ type: "ready" });
  await second;
});
