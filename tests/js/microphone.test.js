import assert from "node:assert/strict";
import { test } from "node:test";
import { Takes } from "../../static/worklets/microphone.js";
import { TakeEncoder } from "../../static/worklets/encoder.js";

function takesAt(rate) {
  const sent = [];
  return { sent, takes: new Takes({ rate, send: (message) => sent.push(message) }) };
}

const samplesOf = (sent) => sent.filter((message) => message.type === "samples").flatMap((message) => [...message.samples]);

test("a take starts with the breath before the press and ends with one after the release", () => {
  const { sent, takes } = takesAt(1000);
  takes.hear(Float32Array.from({ length: 400 }, (_, i) => i));
  takes.start(1);
  takes.hear(new Float32Array(100).fill(-1));
  takes.stop(1);
  takes.hear(new Float32Array(400).fill(-2));
  const heard = samplesOf(sent);
  assert.deepEqual(heard.slice(0, 3), [250, 251, 252]);
  assert.equal(heard.length, 150 + 100 + 150);
  assert.deepEqual([sent[0].type, sent.at(-1).type], ["begin", "end"]);
});

test("a take that is known to be over ends at once", () => {
  const { sent, takes } = takesAt(1000);
  takes.start(1);
  takes.hear(new Float32Array(100).fill(-1));
  takes.stop(1, 0);
  takes.hear(new Float32Array(400).fill(-2));
  assert.deepEqual(samplesOf(sent), [...new Array(100).fill(-1), -2]);
});

test("what is said between two takes belongs to neither, except for the breath", () => {
  const { sent, takes } = takesAt(1000);
  takes.start(1);
  takes.stop(1);
  takes.hear(new Float32Array(150).fill(1));
  takes.hear(new Float32Array(1000).fill(9));
  sent.length = 0;
  takes.start(2);
  takes.stop(2);
  takes.hear(new Float32Array(150).fill(2));
  assert.deepEqual(samplesOf(sent), [...new Array(150).fill(9), ...new Array(150).fill(2)]);
});

test("a cancelled take sends nothing more", () => {
  const { sent, takes } = takesAt(1000);
  takes.start(1);
  takes.cancel();
  takes.hear(new Float32Array(5000));
  assert.deepEqual(sent.map((message) => message.type), ["begin", "cancel"]);
});

function encoderOf(chunks) {
  const said = [];
  const encoder = { configure: (options) => said.push(options), encode: () => chunks.shift() ?? new Uint8Array(), finalize: () => Uint8Array.of(9) };
  const emitted = [];
  return { said, emitted, take: new TakeEncoder({ encoder, emit: (message) => emitted.push(message) }) };
}

test("the encoder makes mono MP3 of 16 kHz and 24 kbps from any microphone", () => {
  const { said, take } = encoderOf([]);
  take.hear({ type: "begin", take: 1, sampleRate: 44100 });
  assert.deepEqual(said, [{ sampleRate: 44100, channels: 1, bitrate: 24, outputSampleRate: 16000 }]);
});

test("pieces are passed on as they are encoded, and the last message states the length", () => {
  const memory = Uint8Array.of(1, 2, 3);
  const { emitted, take } = encoderOf([new Uint8Array(), memory]);
  take.hear({ type: "begin", take: 3, sampleRate: 1000 });
  take.hear({ type: "samples", take: 3, samples: new Float32Array(500) });
  take.hear({ type: "samples", take: 3, samples: new Float32Array(500) });
  memory.fill(0); // the encoder reuses its memory
  take.hear({ type: "end", take: 3 });
  assert.deepEqual(emitted.map((message) => message.type), ["mp3", "mp3", "end"]);
  assert.deepEqual([...new Uint8Array(emitted[0].bytes)], [1, 2, 3]);
  assert.equal(emitted[2].seconds, 1);
});

test("samples of a cancelled take are dropped", () => {
  const { emitted, take } = encoderOf([Uint8Array.of(1)]);
  take.hear({ type: "begin", take: 1, sampleRate: 1000 });
  take.hear({ type: "cancel", take: 1 });
  take.hear({ type: "samples", take: 1, samples: new Float32Array(10) });
  take.hear({ type: "end", take: 1 });
  assert.deepEqual(emitted, []);
});
