import assert from "node:assert/strict";
import { test } from "node:test";
import { createStretcher } from "../../static/js/slow-speech.js";

const RATE = 24_000;
const tone = (hertz, seconds) => Int16Array.from({ length: RATE * seconds }, (_, i) => 12_000 * Math.sin((2 * Math.PI * hertz * i) / RATE));

function stretched(pcm, { rate = 0.85, piece = 2400 } = {}) {
  const stretcher = createStretcher(rate);
  const out = [];
  for (let at = 0; at < pcm.length; at += piece) out.push(...stretcher.push(pcm.slice(at, at + piece)));
  out.push(...stretcher.flush());
  return out;
}

function crossings(samples) {
  let count = 0;
  for (let i = 1; i < samples.length; i += 1) if (samples[i - 1] < 0 && samples[i] >= 0) count += 1;
  return count;
}

for (const hertz of [90, 180, 330, 1000]) {
  test(`a voice of ${hertz} Hz takes longer and keeps its pitch`, () => {
    const slow = stretched(tone(hertz, 2));
    assert.ok(Math.abs(slow.length / (2 * RATE) - 1 / 0.85) < 0.03, String(slow.length));
    const heard = crossings(slow) / (slow.length / RATE);
    assert.ok(Math.abs(heard / hertz - 1) < 0.02, String(heard));
  });
}

test("joints do not click: the steepest step stays the same", () => {
  const steepest = (samples) => samples.reduce((most, value, i) => (i === 0 ? 0 : Math.max(most, Math.abs(value - samples[i - 1]))), 0);
  const voice = tone(220, 1);
  assert.ok(steepest(stretched(voice)) < steepest([...voice]) * 1.3);
});

test("the result does not depend on the size of the pieces", () => {
  const voice = tone(150, 1);
  assert.deepEqual(stretched(voice, { piece: 500 }), stretched(voice, { piece: 24_000 }));
});

test("a line shorter than a crossfade is unchanged", () => {
  assert.equal(stretched(tone(200, 0.01)).length, 240);
});
