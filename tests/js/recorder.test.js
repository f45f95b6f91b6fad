import assert from "node:assert/strict";
import { test } from "node:test";
import { createRecorder, fullness, LIMIT_BYTES } from "../../static/js/recorder.js";
import { createPort, createTime, settled } from "./stand-ins.js";

function studio({ refuse } = {}) {
  const time = createTime();
  const told = [];
  const track = { stop: () => told.push(["released"]), onended: null };
  const stream = { active: true, getAudioTracks: () => [track], getTracks: () => [track] };
  const node = { port: createPort(), disconnect: () => {} };
  const worker = createPort();
  worker.terminate = () => {};
  const record = (name) => (...values) => told.push([name, ...values]);
  const recorder = createRecorder({
    mediaDevices: { getUserMedia: async () => (refuse ? Promise.reject(refuse) : stream) },
    createContext: () => ({ resume: () => {}, close: () => {} }),
    createNode: async () => node,
    createWorker: () => worker,
    createChannel: () => ({ port1: "one", port2: "two" }),
    encoder: { library: "lib.js", wasm: "mp3.wasm" },
    timers: time,
    on: { piece: record("piece"), meter: record("meter"), level: record("level"), full: record("full"), done: record("done"), lost: record("lost"), failed: record("failed") },
  });
  const names = () => told.map(([name]) => name);
  return { recorder, time, told, names, node, worker, track, stream };
}

test("the meter shows time or size, whichever is nearer its limit", () => {
  assert.equal(fullness(21.5, 0), 0.5);
  assert.equal(fullness(0, LIMIT_BYTES / 4), 0.25);
  assert.equal(fullness(100, 0), 1);
});

test("the microphone reaches the encoder without passing through the page", async () => {
  const { recorder, node, worker } = studio();
  await recorder.open();
  assert.deepEqual(worker.posted, [{ type: "open", port: "two", library: "lib.js", wasm: "mp3.wasm" }]);
  assert.deepEqual(node.port.posted, [{ type: "connect", port: "one" }]);
  assert.equal(recorder.isOpen(), true);
});

test("pieces are passed on while speaking, the end after the release", async () => {
  const { recorder, worker, node, told } = studio();
  await recorder.open();
  const take = recorder.start();
  worker.deliver({ type: "mp3", take, bytes: new ArrayBuffer(108) });
  recorder.stop();
  worker.deliver({ type: "mp3", take, bytes: new ArrayBuffer(40) });
  worker.deliver({ type: "end", take, seconds: 1.5 });
  assert.deepEqual(told.filter(([name]) => name === "piece").map(([, , bytes]) => bytes.byteLength), [108, 40]);
  assert.deepEqual(told.at(-1), ["done", take, { seconds: 1.5, bytes: 148 }]);
  assert.deepEqual(node.port.posted.slice(-1), [{ type: "stop", take }]);
});

test("the meter warns from 80 % and the take stops by itself before the limit", async () => {
  const { recorder, time, told, names } = studio();
  await recorder.open();
  recorder.start();
  time.pass(34_300);
  assert.equal(told.filter(([name]) => name === "meter").at(-1)[1].warning, false);
  time.pass(200);
  assert.equal(told.filter(([name]) => name === "meter").at(-1)[1].warning, true);
  assert.ok(!names().includes("full"));
  time.pass(8_100);
  assert.ok(names().includes("full"));
  assert.equal(recorder.isRecording(), false);
});

test("size can end a take as well as time", async () => {
  const { recorder, worker, names } = studio();
  await recorder.open();
  const take = recorder.start();
  worker.deliver({ type: "mp3", take, bytes: new ArrayBuffer(LIMIT_BYTES - 2000) });
  assert.ok(names().includes("full"));
});

test("a cancelled take passes on nothing more", async () => {
  const { recorder, worker, names } = studio();
  await recorder.open();
  const take = recorder.start();
  recorder.cancel();
  worker.deliver({ type: "mp3", take, bytes: new ArrayBuffer(10) });
  worker.deliver({ type: "end", take, seconds: 1 });
  assert.ok(!names().includes("piece") && !names().includes("done"));
});

test("a refused microphone is reported to the caller, and can be requested again", async () => {
  const refuse = Object.assign(new Error(), { name: "NotAllowedError" });
  const { recorder } = studio({ refuse });
  await assert.rejects(recorder.open(), { name: "NotAllowedError" });
  await assert.rejects(recorder.open(), { name: "NotAllowedError" });
  assert.equal(recorder.isOpen(), false);
});

test("an unplugged microphone is reported", async () => {
  const { recorder, track, names } = studio();
  await recorder.open();
  recorder.start();
  track.onended();
  assert.ok(names().includes("lost"));
  assert.equal(recorder.isOpen(), false);
});

test("an encoder that cannot run is reported", async () => {
  const { recorder, worker, names } = studio();
  await recorder.open();
  worker.deliver({ type: "failed", name: "CompileError" });
  assert.ok(names().includes("failed"));
});

test("what is said while the encoder still loads is handed over once it is ready, however late after the release", async () => {
  const { recorder, worker, time, told, names } = studio();
  await recorder.open();
  const take = recorder.start();
  time.pass(2000);
  recorder.stop();
  time.pass(6000);
  assert.ok(!names().includes("failed"));
  worker.deliver({ type: "mp3", take, bytes: new ArrayBuffer(6000) });
  worker.deliver({ type: "end", take, seconds: 2 });
  worker.deliver({ type: "ready" });
  assert.deepEqual(told.at(-1), ["done", take, { seconds: 2, bytes: 6000 }]);
  assert.equal(time.waiting(), 0);
});

test("an encoder that is ready late and then silent has heard nothing", async () => {
  const { recorder, worker, time, told, names } = studio();
  await recorder.open();
  recorder.start();
  recorder.stop();
  time.pass(3000);
  worker.deliver({ type: "ready" });
  await settled();
  time.pass(600);
  assert.ok(!names().includes("failed"));
  time.pass(200);
  assert.deepEqual(told.at(-1), ["failed", "interrupted"]);
});

test("a take that was cancelled while the encoder loaded stays cancelled, and the next one is not ended by it", async () => {
  const { recorder, worker, time } = studio();
  await recorder.open();
  recorder.start();
  recorder.stop();
  time.pass(3000);
  recorder.cancel();
  recorder.start();
  worker.deliver({ type: "ready" });
  await settled();
  time.pass(1000);
  assert.equal(recorder.isRecording(), true);
});
