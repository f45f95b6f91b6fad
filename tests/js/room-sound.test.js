import assert from "node:assert/strict";
import { test } from "node:test";
import { openSound } from "../../static/js/room-sound.js";
import { createTime } from "./stand-ins.js";

function loudspeaker({ addModule = async () => {}, fetch = async () => Promise.reject(new Error()) } = {}) {
  const time = createTime();
  const told = [];
  const played = [];
  const context = Object.assign(new EventTarget(), { state: "running", currentTime: 0, destination: {}, audioWorklet: { addModule }, resume: async () => {} });
  const node = Object.assign(new EventTarget(), { port: {}, connect() {}, disconnect() {} });
  let playing = null;
  const createPlayer = () => ({
    begin: (sequence) => (playing = sequence),
    append: (sequence) => played.push(sequence),
    finish() {},
    stop: async () => (playing = null),
    playing: () => playing,
    blocked: () => context.state !== "running",
    receivedMs: () => 0,
  });
  const on = { blocked: (is) => told.push(["blocked", is]), failed: () => told.push(["failed"]) };
  const opening = openSound({ context, worklet: "playback.js", createNode: () => node, createPlayer, timers: time, fetch, decode: () => new Float32Array(1), on });
  return { opening, context, node, time, told, played };
}

// Recordings that load, or fail to, when the test says so; `come[n]` is the answer to request n.
function recordings() {
  const come = [];
  const fetch = () => new Promise((resolve, reject) => come.push({ load: () => resolve({ ok: true, arrayBuffer: async () => new ArrayBuffer(0) }), fail: () => reject(new TypeError()) }));
  return { fetch, come };
}

test("a worklet that is not loaded rejects", async () => {
  const { opening } = loudspeaker({ addModule: async () => Promise.reject(new DOMException("", "AbortError")) });
  await assert.rejects(opening, { name: "AbortError" });
});

test("a worklet that fails is reported once", async () => {
  const { opening, node, told } = loudspeaker();
  await opening;
  node.dispatchEvent(new Event("processorerror"));
  node.dispatchEvent(new Event("processorerror"));
  assert.deepEqual(told, [["failed"]]);
});

test("a context that was closed is reported", async () => {
  const { opening, context, told } = loudspeaker();
  await opening;
  context.state = "closed";
  context.dispatchEvent(new Event("statechange"));
  assert.deepEqual(told, [["failed"]]);
});

test("an interrupted context holds the sound back and then releases it", async () => {
  const { opening, context, told } = loudspeaker();
  (await opening).begin(0);
  context.state = "interrupted";
  context.dispatchEvent(new Event("statechange"));
  context.state = "running";
  context.dispatchEvent(new Event("statechange"));
  assert.deepEqual(told, [["blocked", true], ["blocked", false]]);
});

test("a context that claims to run but is stalled is detected while something should be heard", async () => {
  const { opening, time, told } = loudspeaker();
  const sound = await opening;
  time.pass(10_000);
  assert.deepEqual(told, []);
  sound.begin(0);
  time.pass(3000);
  assert.deepEqual(told, [["failed"]]);
});

test("nothing is reported after it was closed, and no timer is left", async () => {
  const { opening, node, time, told } = loudspeaker();
  (await opening).close();
  node.dispatchEvent(new Event("processorerror"));
  assert.deepEqual([told, time.waiting()], [[], 0]);
});

test("a recording that never loads rejects", async () => {
  const { opening, time } = loudspeaker({ fetch: () => new Promise(() => {}) });
  const rest = (await opening).playRest(0, "/audio", 0);
  time.pass(10_000);
  await assert.rejects(rest, { name: "TimeoutError" });
});

const SUPERSEDED = {
  "it was stopped": (sound) => sound.stop(),
  "another line began": (sound) => sound.begin(4),
  "the loudspeaker was closed": (sound) => sound.close(),
};

for (const [why, happen] of Object.entries(SUPERSEDED)) {
  test(`a line whose recording arrives after ${why} is not played`, async () => {
    const { fetch, come } = recordings();
    const { opening, played } = loudspeaker({ fetch });
    const sound = await opening;
    const rest = sound.playRest(2, "/audio", 0);
    happen(sound);
    const playing = sound.playing();
    come[0].load();
    await rest;
    assert.deepEqual([played, sound.playing()], [[], playing]);
  });
}

test("a line whose recording cannot be loaded after it was stopped is nobody's concern", async () => {
  const { fetch, come } = recordings();
  const sound = await loudspeaker({ fetch }).opening;
  const rest = sound.playRest(2, "/audio", 0);
  sound.stop();
  come[0].fail();
  await rest;
});

test("a line that is fetched twice is played once, even if the first request answers last or never", async () => {
  const { fetch, come } = recordings();
  const { opening, played } = loudspeaker({ fetch });
  const sound = await opening;
  const requests = [0, 1, 2].map(() => sound.playRest(2, "/audio", 0));
  come[2].load();
  come[0].load();
  come[1].fail();
  await Promise.all(requests);
  assert.deepEqual(played, [2]);
});

test("a line counts as playing while its recording loads, so that an interruption can report what was heard before", async () => {
  const { fetch } = recordings();
  const sound = await loudspeaker({ fetch }).opening;
  sound.playRest(2, "/audio", 1500);
  assert.equal(sound.playing(), 2);
});
