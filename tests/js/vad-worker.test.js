import assert from "node:assert/strict";
import { test } from "node:test";
import { Framer, Resampler } from "../../static/worklets/vad.js";
import { Takes } from "../../static/worklets/microphone.js";

const sine = (hertz, rate, seconds) => Float32Array.from({ length: rate * seconds }, (_, i) => Math.sin((2 * Math.PI * hertz * i) / rate));
const loudness = (samples) => Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);

function resampled(input, rate) {
  const resampler = new Resampler(rate);
  const out = [];
  for (let at = 0; at < input.length; at += 1024) out.push(...resampler.push(input.subarray(at, at + 1024)));
  return out;
}

for (const rate of [8000, 16_000, 44_100, 48_000, 96_000]) {
  test(`${rate} Hz becomes 16 kHz: as long, as loud`, () => {
    const out = resampled(sine(440, rate, 1), rate);
    assert.ok(Math.abs(out.length - 16_000) < 40, `${out.length} samples`);
    assert.ok(Math.abs(loudness(out.slice(200, -200)) - Math.SQRT1_2) < 0.02);
  });
}

test("frequencies above 8 kHz are filtered out, not aliased", () => {
  assert.ok(loudness(resampled(sine(11_000, 48_000, 1), 48_000)) < 0.01);
});

test("frames have 512 samples and lose none", () => {
  const framer = new Framer();
  const frames = [...framer.push(new Float32Array(700)), ...framer.push(new Float32Array(400))];
  assert.deepEqual(frames.map((frame) => frame.length), [512, 512]);
  assert.equal(framer.rest.length, 76);
});

test("a take can begin as far back as requested, but not before the microphone did", () => {
  const sent = [];
  const takes = new Takes({ rate: 1000, send: (message) => sent.push(message) });
  const counted = () => sent.filter(({ type }) => type === "samples").reduce((sum, { samples }) => sum + samples.length, 0);
  takes.hear(new Float32Array(900));
  takes.start(1, 0.6);
  takes.stop(1);
  takes.hear(new Float32Array(200));
  assert.equal(counted(), 600 + 150);
  sent.length = 0;
  takes.start(2, 2);
  takes.stop(2);
  takes.hear(new Float32Array(200));
  assert.equal(counted(), 50 + 150, "only what was not part of the turn before");
});
