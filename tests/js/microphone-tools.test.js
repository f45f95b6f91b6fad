import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseMicrophone, chosenMicrophone } from "../../static/js/microphone-choice.js";
import { listMicrophones } from "../../static/js/microphone-list.js";
import { createOwnVoice } from "../../static/js/own-voice.js";
import { playNotes } from "../../static/js/speaker-test.js";
import { createPort, createTime } from "./stand-ins.js";

const desk = { kind: "audioinput", deviceId: "d1", label: "Desk microphone" };

test("the chosen microphone is remembered unless the browser forbids storage", () => {
  const kept = new Map();
  const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
  assert.equal(chosenMicrophone(storage), null);
  assert.equal(chooseMicrophone(storage, "d1"), true);
  assert.equal(chosenMicrophone(storage), "d1");
  assert.equal(chooseMicrophone(undefined, "d1"), false);
  assert.equal(chosenMicrophone(undefined), null);
});

test("microphones with a name are listed, each once", async () => {
  const all = [desk, { ...desk, deviceId: "communications" }, { ...desk, label: "" }, { ...desk, kind: "audiooutput" }];
  assert.deepEqual(await listMicrophones({ mediaDevices: { enumerateDevices: async () => all } }), [desk]);
});

test("devices that cannot be listed, or whose list never arrives, count as none", async () => {
  const timers = createTime();
  assert.deepEqual(await listMicrophones({ mediaDevices: undefined, timers }), []);
  assert.deepEqual(await listMicrophones({ mediaDevices: { enumerateDevices: async () => Promise.reject(new Error()) }, timers }), []);
  const hanging = listMicrophones({ mediaDevices: { enumerateDevices: () => new Promise(() => {}) }, timers });
  timers.pass(1000);
  assert.deepEqual(await hanging, []);
});

function studio() {
  const port2 = createPort();
  const node = { port: createPort(), disconnect: () => (node.gone = true) };
  const played = [];
  const context = {
    sampleRate: 100,
    destination: {},
    createBuffer: (_, length) => {
      const samples = new Float32Array(length);
      return { samples, getChannelData: () => samples };
    },
    createBufferSource: () => {
      const source = { connect() {}, disconnect() {}, start: () => played.push(source), stop: () => (source.stopped = true) };
      return source;
    },
  };
  const voice = createOwnVoice({ context, node, createChannel: () => ({ port1: "one", port2 }) });
  return { voice, node, played, speak: (value, count = 100) => port2.deliver({ type: "samples", samples: new Float32Array(count).fill(value) }) };
}

test("the last five seconds of the trainee's voice are played back", () => {
  const { voice, node, played, speak } = studio();
  assert.deepEqual(node.port.posted, [{ type: "connect", port: "one" }, { type: "start", take: 1 }]);
  for (let second = 1; second <= 8; second += 1) speak(second);
  assert.equal(voice.play(() => {}), true);
  const { samples } = played[0].buffer;
  assert.deepEqual([samples.length, samples[0], samples.at(-1)], [500, 4, 8]);
});

test("what the speakers play is not recorded again, and the end is reported once", () => {
  const { voice, played, speak } = studio();
  let ended = 0;
  assert.equal(voice.play(() => {}), false);
  speak(1);
  voice.play(() => (ended += 1));
  speak(2);
  played[0].onended();
  voice.stop();
  assert.equal(ended, 1);
  assert.equal(voice.play(() => {}), false);
});

test("closing stops the playback and releases the worklet", () => {
  const { voice, node, played, speak } = studio();
  speak(1);
  voice.play(() => {});
  voice.close();
  assert.deepEqual([played[0].stopped, node.gone], [true, true]);
});

test("speakers that never play are given up on", async () => {
  const timers = createTime();
  const part = () => ({ connect() {}, frequency: {}, start() {}, stop() {}, gain: { setValueAtTime() {}, linearRampToValueAtTime() {} }, disconnect() {} });
  const context = { state: "suspended", currentTime: 0, resume: async () => {}, createGain: part, createOscillator: part };
  const playing = playNotes({ context, timers });
  timers.pass(3000);
  await assert.rejects(playing, { name: "TimeoutError" });
  await assert.rejects(playNotes({ context: null, timers }));
});
