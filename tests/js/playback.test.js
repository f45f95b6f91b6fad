import assert from "node:assert/strict";
import { test } from "node:test";
import { SampleQueue, Voice } from "../../static/worklets/playback.js";

const tone = (samples, from = 0) => Int16Array.from({ length: samples }, (_, i) => 16000 * Math.sin(((from + i) * 2 * Math.PI * 300) / 24000));

function voiceAt(outputRate) {
  const reports = [];
  const voice = new Voice({ outputRate, report: (message) => reports.push(message) });
  const render = (samples) => {
    const out = new Float32Array(samples);
    voice.render(out);
    return out;
  };
  return { voice, reports, render };
}

const steepest = (samples) => samples.reduce((worst, value, i) => (i === 0 ? worst : Math.max(worst, Math.abs(value - samples[i - 1]))), 0);
const TONE_STEP = (0.5 * 2 * Math.PI * 300) / 24000; // steepest slope of the tone itself
const CLICK = TONE_STEP + 0.5 / 100; // plus the 5 ms ramp

test("a queue keeps its order when it wraps and when it grows", () => {
  const queue = new SampleQueue(8);
  queue.append(Int16Array.of(1, 2, 3, 4, 5, 6).map((x) => x * 64));
  queue.drop(5);
  queue.append(Int16Array.from({ length: 20 }, (_, i) => (i + 7) * 64));
  assert.equal(queue.length, 21);
  assert.deepEqual([0, 1, 20].map((i) => Math.round(queue.at(i) * 512)), [6, 7, 26]);
  assert.equal(queue.at(21), 0);
});

test("a voice at 24 kHz passes on exactly the samples it was given", () => {
  const { voice, reports, render } = voiceAt(24000);
  voice.begin(2);
  voice.append(2, tone(4800));
  voice.finish(2);
  const out = render(6000);
  const steady = out.subarray(200, 4600).map((value, i) => value - tone(4800)[i + 200] / 32768);
  assert.ok(steady.every((difference) => Math.abs(difference) < 1e-6));
  assert.deepEqual(reports.at(-1), { type: "ended", sequence: 2, samples: 4800 });
  assert.ok(out.subarray(4800).every((value) => value === 0));
});

test("at 48 kHz and 44.1 kHz every sample is still counted once", () => {
  for (const rate of [48000, 44100]) {
    const { voice, reports, render } = voiceAt(rate);
    voice.begin(0);
    voice.append(0, tone(24000));
    voice.finish(0);
    const out = render(Math.ceil(rate * 1.01));
    assert.deepEqual(reports.at(-1), { type: "ended", sequence: 0, samples: 24000 });
    assert.ok(steepest(out) < CLICK, `click at ${rate}: ${steepest(out)}`);
  }
});

test("playback waits for 60 ms of voice, then starts", () => {
  const { voice, reports, render } = voiceAt(24000);
  voice.begin(0);
  voice.append(0, tone(1200));
  assert.ok(render(480).every((value) => value === 0));
  voice.append(0, tone(240, 1200));
  render(128);
  assert.deepEqual(reports[0], { type: "started", sequence: 0, samples: 0 });
});

test("a short line that is complete starts at once", () => {
  const { voice, reports, render } = voiceAt(24000);
  voice.begin(0);
  voice.append(0, tone(480));
  voice.finish(0);
  render(1000);
  assert.deepEqual(reports.map((report) => report.type), ["started", "ended"]);
});

test("a line without any sound ends as soon as it is finished", () => {
  const { voice, reports, render } = voiceAt(24000);
  voice.begin(4);
  voice.finish(4);
  render(128);
  assert.deepEqual(reports, [{ type: "ended", sequence: 4, samples: 0 }]);
});

test("a gap in the network is silence without a click, and the buffer grows", () => {
  const { voice, reports, render } = voiceAt(24000);
  voice.begin(0);
  voice.append(0, tone(2400));
  const first = render(3000);
  assert.equal(reports.at(-1).type, "starved");
  voice.append(0, tone(1500, 2400));
  assert.ok(render(240).every((value) => value === 0), "62 ms do not do the second time");
  voice.append(0, tone(2400, 3900));
  const second = render(2400);
  assert.ok(second.some((value) => value !== 0));
  assert.ok(steepest([...first, ...second]) < CLICK);
});

test("stopping fades within 5 ms and reports how much was heard", () => {
  const { voice, reports, render } = voiceAt(48000);
  voice.begin(2);
  voice.append(2, tone(24000));
  const before = render(9600);
  voice.stop();
  const after = render(960);
  assert.equal(reports.at(-1).type, "stopped");
  assert.equal(reports.at(-1).sequence, 2);
  assert.ok(Math.abs(reports.at(-1).samples - 4800) <= 125);
  assert.ok(after.subarray(250).every((value) => value === 0));
  assert.ok(steepest([...before, ...after]) < CLICK);
});

test("a lowered voice is 14 dB softer within 30 ms, without a click, and loud again for the next turn", () => {
  const { voice, render } = voiceAt(24000);
  const loudest = (samples) => Math.max(...samples.map(Math.abs));
  voice.begin(2);
  voice.append(2, tone(24000));
  const full = render(4800);
  voice.giveWay("low");
  const falling = render(720);
  const low = render(2400);
  assert.ok(Math.abs(loudest(low) / loudest(full) - 0.2) < 0.01);
  voice.giveWay("not");
  const rising = render(4800);
  assert.ok(Math.abs(loudest(render(2400)) / loudest(full) - 1) < 0.01);
  assert.ok(steepest([...full, ...falling, ...low, ...rising]) < CLICK);
  voice.giveWay("low");
  render(720);
  voice.begin(4);
  voice.append(4, tone(4800));
  assert.ok(loudest(render(2400)) > 0.4);
});

test("a paused voice falls silent within 40 ms, keeps its place, and resumes with the word that was cut, which counts once", () => {
  const { voice, reports, render } = voiceAt(24000);
  const word = tone(6000);
  const gap = new Int16Array(1200);
  voice.begin(2);
  for (const samples of [word, gap, word, tone(12000)]) voice.append(2, samples);
  voice.finish(2);
  const before = render(10000); // in the middle of the second word
  voice.giveWay("low");
  const falling = render(1600);
  voice.giveWay("silent");
  const fading = render(960);
  const silence = render(24000);
  assert.ok(silence.every((value) => value === 0));
  const place = voice.samples;
  assert.ok(place <= 12560);
  voice.giveWay("not");
  const after = render(2400);
  assert.equal(voice.samples, place, "heard before");
  assert.ok(Math.abs(after.findIndex((value) => value !== 0) - 360) < 300, "it begins in the gap before the word");
  assert.ok(steepest([...before, ...falling, ...fading, ...silence, ...after]) < CLICK);
  render(40000);
  assert.deepEqual(reports.at(-1), { type: "ended", sequence: 2, samples: 25200 });
});

test("a paused voice can be stopped, and the next turn begins at full loudness", () => {
  const { voice, reports, render } = voiceAt(24000);
  voice.begin(2);
  voice.append(2, tone(24000));
  render(4800);
  voice.giveWay("silent");
  render(2400);
  const place = voice.samples;
  voice.stop();
  assert.deepEqual(reports.at(-1), { type: "stopped", sequence: 2, samples: place });
  voice.begin(4);
  voice.append(4, tone(4800));
  assert.ok(Math.max(...render(2400)) > 0.4);
});

test("samples of another turn, or after a stop, are not played", () => {
  const { voice, render } = voiceAt(24000);
  voice.begin(2);
  voice.append(0, tone(4800));
  assert.ok(render(1000).every((value) => value === 0));
});
