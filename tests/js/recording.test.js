import assert from "node:assert/strict";
import { test } from "node:test";

import { createRecording, setRate } from "../../static/js/recording.js";
import { settled, speaker } from "./stand-ins.js";

function stage(options) {
  const told = [];
  const audio = speaker(options);
  const life = new AbortController();
  const on = Object.fromEntries(["ended", "failed", "paused"].map((what) => [what, () => told.push(what)]));
  return { audio, told, life, recording: createRecording({ audio, on, signal: life.signal }) };
}

test("a link that expires during playback is fetched again, and playback continues from there", async () => {
  const { audio, told, recording } = stage();
  await recording.start("a");
  audio.currentTime = 7;
  audio.dispatchEvent(new Event("error"));
  await settled();
  assert.deepEqual(audio.heard, ["a", "a from 7"]);
  assert.deepEqual(told, []);
});

test("a link refused at the start is tried once more, however the browser reports it", async () => {
  const { audio, told, recording } = stage({ refusals: 1 });
  await recording.start("a");
  await settled();
  assert.deepEqual(audio.heard, ["a"]);
  assert.deepEqual(told, []);
});

test("a recording that cannot be loaded is reported once", async () => {
  const { audio, told, recording } = stage({ broken: ["a"] });
  await recording.start("a");
  await settled();
  assert.deepEqual([audio.heard, told], [[], ["failed"]]);
});

test("playback continues with a new link after a pause that outlasted the old one", async () => {
  const { audio, recording } = stage();
  await recording.start("a");
  audio.currentTime = 3;
  recording.pause();
  const play = audio.play;
  audio.play = async () => {
    audio.play = play;
    throw new DOMException("403", "NotSupportedError");
  };
  await recording.resume();
  assert.deepEqual(audio.heard, ["a", "a from 3"]);
});

test("once stopped or gone, it reports nothing more", async () => {
  const { audio, told, life, recording } = stage();
  await recording.start("a");
  recording.stop();
  audio.dispatchEvent(new Event("error"));
  audio.dispatchEvent(new Event("ended"));
  await recording.start("b");
  life.abort();
  audio.dispatchEvent(new Event("ended"));
  assert.deepEqual([audio.heard, told], [["a", "b"], []]);
});

test("one recording plays at a time", async () => {
  const [line, quote] = [stage(), stage()];
  await line.recording.start("a");
  await quote.recording.start("b");
  assert.deepEqual([line.told, quote.told], [["paused"], []]);
  line.audio.dispatchEvent(new Event("error"));
  await line.recording.resume();
  assert.deepEqual([line.audio.heard, quote.told], [["a", "a"], ["paused"]]);
});

test("a quote starts at its place in the recording", async () => {
  const { audio, recording } = stage();
  await recording.start("a", 3.5);
  assert.deepEqual(audio.heard, ["a from 3.5"]);
});

test("the chosen speed applies to every recording, old and new, until the page is left", async () => {
  const [first, second] = [stage(), stage()];
  setRate(1.5);
  const third = stage();
  assert.deepEqual([first, second, third].map(({ audio }) => audio.playbackRate), [1.5, 1.5, 1.5]);
  second.life.abort();
  setRate(1);
  assert.deepEqual([first, second, third].map(({ audio }) => audio.playbackRate), [1, 1.5, 1]);
});
