import assert from "node:assert/strict";
import { test } from "node:test";
import { createVad } from "../../static/js/vad.js";
import { createWaveform } from "../../static/js/waveform.js";
import { createTime } from "./stand-ins.js";

function listening() {
  const time = createTime();
  const vad = createVad({ now: time.now });
  vad.begin();
  const hear = (level, ms) => {
    let unheard = false;
    for (let passed = 0; passed < ms; passed += 50) {
      time.pass(50);
      unheard = vad.add(level);
    }
    return unheard;
  };
  return { vad, hear };
}

test("after two seconds without speech the room says that it hears nothing", () => {
  const { hear } = listening();
  assert.equal(hear(0.0005, 1900), false);
  assert.equal(hear(0.0005, 100), true);
});

test("speech ends the warning, and a later pause may be longer", () => {
  const { hear } = listening();
  hear(0, 3000);
  assert.equal(hear(0.05, 300), false);
  assert.equal(hear(0, 3000), false);
  assert.equal(hear(0, 1200), true);
});

test("a click of the button is no speech, a short yes is", () => {
  const click = listening();
  click.hear(0.3, 100);
  click.hear(0, 1000);
  assert.equal(click.vad.heardSpeech(), false);
  const yes = listening();
  yes.hear(0.03, 250);
  assert.equal(yes.vad.heardSpeech(), true);
});

test("without a level nothing is reported", () => {
  assert.equal(listening().vad.heardSpeech(), true);
});

test("the waveform shows the latest levels, the newest at its end", () => {
  const bars = [1, 2, 3].map(() => ({ style: {}, height: null }));
  bars.forEach((bar) => (bar.style.setProperty = (_, value) => (bar.height = Number(value))));
  const waveform = createWaveform(bars);
  waveform.add(0.25);
  waveform.add(0);
  assert.deepEqual(bars.map((bar) => bar.height), [0.08, 1, 0.08]);
  waveform.clear();
  assert.deepEqual(bars.map((bar) => bar.height), [0.08, 0.08, 0.08]);
});
