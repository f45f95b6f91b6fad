import assert from "node:assert/strict";
import { test } from "node:test";
import { spokenUpTo } from "../../static/js/captions.js";
import { clockFace, timeLeft, worthSaying } from "../../static/js/countdown.js";
import { mount as mountAnswerTimes } from "../../static/js/answer-times.js";
import { createPlaybackPosition } from "../../static/js/playback-position.js";
import { openRecordings } from "../../static/js/kept-recordings.js";
import { phrase } from "../../static/js/words.js";

const limits = { startedAt: 0, durationLimitSeconds: 300, quietSince: null, idleLimitSeconds: 20 };

test("the session's time is quiet until the last 30 s", () => {
  assert.deepEqual(timeLeft({ ...limits, now: 269_000 }), { session: null, idle: null });
  assert.deepEqual(timeLeft({ ...limits, now: 270_000 }), { session: 30, idle: null });
  assert.deepEqual(timeLeft({ ...limits, now: 305_000 }), { session: 0, idle: null });
});

test("the trainee's silence is counted in its last 10 s, and not while the clock stands still", () => {
  assert.equal(timeLeft({ ...limits, now: 19_000, quietSince: 10_000 }).idle, null);
  assert.equal(timeLeft({ ...limits, now: 20_500, quietSince: 10_000 }).idle, 10);
  assert.equal(timeLeft({ ...limits, now: 29_500, quietSince: 10_000 }).idle, 1);
});

test("a session that has not begun shows no time left", () => {
  assert.equal(timeLeft({ ...limits, startedAt: null, now: 1e9 }).session, null);
});

test("only some seconds are announced", () => {
  assert.deepEqual([30, 29, 10, 5, 4].map(worthSaying), [true, false, true, true, false]);
});

test("seconds are formatted like a clock", () => {
  assert.deepEqual([0, 9.9, 61, -3].map(clockFace), ["0:00", "0:09", "1:01", "0:00"]);
});

test("words appear with the voice, a whole word at a time", () => {
  const text = "I know I am late again, and I am sorry.";
  const said = (heardSeconds, totalSeconds = null) => text.slice(0, spokenUpTo(text, { heardSeconds, totalSeconds, language: "en" }));
  assert.equal(said(0), "I know");
  assert.equal(said(1, 3.9), "I know I am late");
  assert.equal(said(3.9, 3.9), text);
  assert.equal(said(60), text);
});

test("Chinese words appear clause by clause", () => {
  const text = "我知道你很忙，可是我们得谈谈。";
  assert.equal(text.slice(0, spokenUpTo(text, { heardSeconds: 0.6, totalSeconds: null, language: "zh" })), "我知道你很忙");
});

test("names and numbers are put into sentences; a missing sentence is an error", () => {
  assert.equal(phrase({ speaking: "{name} is speaking" }, "speaking", { name: "Alex" }), "Alex is speaking");
  assert.throws(() => phrase({}, "speaking"));
});

test("without IndexedDB recordings are kept as long as the page", async () => {
  const recordings = openRecordings({ indexedDB: undefined, now: () => 5 });
  recordings.keep({ sessionId: "s1", sequence: 1, pieces: [] });
  assert.deepEqual(await recordings.find("s1", 1), { sessionId: "s1", sequence: 1, pieces: [], keptAt: 5 });
  recordings.forget("s1", 1);
  assert.equal(await recordings.find("s1", 1), undefined);
});

test("after a reload playback continues where it was", () => {
  const kept = new Map();
  const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
  const before = createPlaybackPosition({ storage, sessionId: "s1" });
  assert.equal(before.rest(0), 0);
  before.played(2, 1234.4);
  const after = createPlaybackPosition({ storage, sessionId: "s1" });
  assert.deepEqual([after.rest(0), after.rest(2), after.rest(4)], [null, 1234, 0]);
  after.played(2, 5000, true);
  assert.equal(after.rest(2), null);
  assert.equal(createPlaybackPosition({ storage, sessionId: "s2" }).rest(0), 0);
});

test("without storage the playback position lives as long as the page", () => {
  const forbidden = { getItem: () => assert.fail(), setItem: () => { throw new Error("forbidden"); } };
  const heard = createPlaybackPosition({ storage: forbidden, sessionId: "s1" });
  heard.played(0, 10);
  assert.equal(heard.rest(0), 10);
});

test("whether answer times are shown is remembered in this browser", () => {
  const kept = new Map();
  globalThis.localStorage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
  const visited = () => {
    const box = Object.assign(new EventTarget(), { checked: false });
    const element = { hidden: true, querySelector: () => box };
    mountAnswerTimes(element, { signal: new AbortController().signal });
    assert.equal(element.hidden, false);
    return box;
  };
  const box = visited();
  assert.equal(box.checked, false);
  box.checked = true;
  box.dispatchEvent(new Event("change"));
  assert.equal(visited().checked, true);
  delete globalThis.localStorage;
});
