import assert from "node:assert/strict";
import { test } from "node:test";
import { createAiTurn } from "../../static/js/ai-turn.js";
import { readingMs } from "../../static/js/captions.js";
import * as rules from "../../static/js/room-state.js";
import { say as wire } from "../../static/js/socket.js";
import { aiTurn, createTime, session, settled } from "./stand-ins.js";

function loudspeaker() {
  const calls = [];
  let playing = null;
  const sound = {
    calls,
    begin: (sequence) => (playing = sequence),
    push() {},
    playRest: async () => {},
    finish: (sequence) => calls.push(["finish", sequence]),
    stop: async () => {
      const was = playing;
      playing = null;
      return was === null ? null : { sequence: was, playedMs: 700 };
    },
    playing: () => playing,
    playedMs: () => 700,
    receivedMs: () => 1000,
    isWhole: () => false,
    blocked: () => false,
    speakSlower() {},
    unlock() {},
    close: () => calls.push(["close"]),
  };
  return sound;
}

// The AI's side of a room as the AI starts to speak. `openings`: what each attempt to open the loudspeaker gives.
function listening(openings) {
  const time = createTime();
  const sent = [];
  const told = [];
  let room = rules.reduce(rules.emptyRoom({ session: session() }), { type: "link", link: "open", attempt: 0, everOpened: true });
  const dispatch = (event) => (room = rules.reduce(room, event));
  const side = createAiTurn({
    given: {
      rules, wire, timers: time,
      clock: { now: time.now },
      position: { played() {}, rest: () => 0 },
      stage: { caption: (sequence, upTo) => told.push(["caption", sequence, upTo]), theirLevel() {} },
      choices: { current: () => ({ slower: false }) },
      audioUrl: (id) => `/audio/${id}`,
      captions: (_, { totalSeconds }) => `of ${totalSeconds} s`,
      readingMs: (text) => readingMs(text, "en"),
      openSound: () => openings.shift()(),
    },
    room: () => room,
    dispatch,
    send: (frame) => sent.push(JSON.parse(frame)),
    on: { voice() {}, level() {}, progress() {}, spoken: () => told.push(["spoken"]), sound: () => told.push(["sound"]) },
  });
  const speak = (text = "Well, come in.") => {
    dispatch({ type: "ai_turn_started", turnId: "t0", sequence: 0 });
    dispatch({ type: "ai_text", turnId: "t0", sequence: 0, delta: text });
    side.begin(0);
    dispatch({ type: "sound_started", sequence: 0 });
  };
  return { side, time, sent, told, dispatch, speak, room: () => room };
}

test("a loudspeaker that does not open is reported, and the next attempt starts afresh", async () => {
  const here = listening([async () => Promise.reject(new DOMException("", "AbortError")), async () => loudspeaker()]);
  await here.side.openSound();
  assert.equal(here.room().loudspeaker, "failed");
  await here.side.openSound();
  assert.deepEqual([here.room().loudspeaker, here.side.hasSound()], ["open", true]);
});

test("the room opens without a loudspeaker that hangs, and uses it once it is there", async () => {
  let come;
  const here = listening([() => new Promise((resolve) => (come = resolve))]);
  const opening = here.side.openSound();
  here.time.pass(1500);
  await opening;
  assert.equal(here.room().loudspeaker, "failed");
  come(loudspeaker());
  await settled();
  assert.deepEqual([here.room().loudspeaker, here.told.at(-1)], ["open", ["sound"]]);
});

test("a loudspeaker that opens after another one, or after the room was left, is closed", async () => {
  const come = [];
  const hang = () => new Promise((resolve) => come.push(resolve));
  const here = listening([hang, async () => loudspeaker(), hang]);
  const [first, second] = [loudspeaker(), loudspeaker()];
  const opening = here.side.openSound();
  here.time.pass(1500);
  await opening;
  await here.side.openSound();
  come[0](first);
  await settled();
  assert.deepEqual(first.calls, [["close"]]);
  here.side.openSound();
  here.side.close();
  come[1](second);
  await settled();
  assert.deepEqual(second.calls, [["close"]]);
});

test("a loudspeaker that breaks in the middle leaves the line in words, and the turn goes on", async () => {
  const sound = loudspeaker();
  const here = listening([async () => sound]);
  await here.side.openSound();
  here.speak();
  here.side.events.failed();
  assert.deepEqual(sound.calls, [["close"]]);
  assert.deepEqual(here.told.at(-1), ["caption", 0, Infinity]);
  here.dispatch({ type: "ai_turn", turn: aiTurn(0) });
  here.side.finish(0);
  assert.equal(here.room().reply, null);
  here.side.events.level(0.5); // a last message of the one that broke
});

test("a line that was complete when the sound failed counts as said", async () => {
  const here = listening([async () => loudspeaker()]);
  await here.side.openSound();
  here.speak();
  here.dispatch({ type: "ai_turn", turn: aiTurn(0) });
  here.side.events.failed();
  assert.deepEqual([here.room().reply, here.told.at(-1)], [null, ["spoken"]]);
});

test("barge-in without sound counts what could be read as heard", async () => {
  const here = listening([async () => Promise.reject(new Error())]);
  await here.side.openSound();
  here.speak("x".repeat(160));
  await here.side.cutIn(0);
  assert.deepEqual(here.sent, [{ type: "interrupt", sequence: 0, playedMs: 10_000 }]);
});

test("barge-in reports what was heard", async () => {
  const here = listening([async () => loudspeaker()]);
  await here.side.openSound();
  here.speak();
  await here.side.cutIn(0);
  assert.deepEqual(here.sent, [{ type: "interrupt", sequence: 0, playedMs: 700 }]);
});

const stored = aiTurn(0, { audioFileId: "a0" });

test("a stored line that cannot be loaded is over, and the room may be left", async () => {
  const sound = loudspeaker();
  sound.playRest = async () => {
    sound.begin(0);
    throw new TypeError();
  };
  const here = listening([async () => sound]);
  await here.side.openSound();
  await here.side.hearTheRest(stored);
  await settled();
  assert.deepEqual([here.room().reply, sound.playing(), here.told.at(-1)], [null, null, ["spoken"]]);
});

test("the length of a line is not known while its rest is loading", async () => {
  const sound = loudspeaker();
  const here = listening([async () => sound]);
  await here.side.openSound();
  here.speak();
  here.dispatch({ type: "session", session: session(), turns: [stored], evaluation: null });
  here.side.events.level(0.1);
  assert.deepEqual(here.told.at(-1), ["caption", 0, "of null s"]);
  sound.isWhole = () => true;
  here.side.events.level(0.1);
  assert.deepEqual(here.told.at(-1), ["caption", 0, "of 1 s"]);
});

// A page that heard the beginning of `text` was away while the server stored "Well, come in." `calls`: what it then asks of its
// loudspeaker, with the line that is playing.
async function awayWhileItWasSaid(text, changes = {}) {
  const sound = loudspeaker();
  sound.playRest = async (sequence, _, from) => sound.calls.push(["rest", sequence, from, sound.playing()]);
  const here = listening([async () => sound]);
  await here.side.openSound();
  here.speak(text);
  here.dispatch({ type: "session", session: session(), turns: [{ ...stored, transcript: "Well, come in.", ...changes }], evaluation: null });
  await here.side.hearTheRest(here.room().turns[0]);
  return sound.calls;
}

test("a line that was completed while the page was away goes on where its sound stopped", async () => {
  assert.deepEqual(await awayWhileItWasSaid("Well, "), [["rest", 0, 0, 0]]);
});

test("a line that was said anew while the page was away is played from its beginning", async () => {
  assert.deepEqual(await awayWhileItWasSaid("Oh, it's you. "), [["rest", 0, 0, null]]);
});

test("a line that was cut short while the page was away ends with what arrived of it", async () => {
  assert.deepEqual(await awayWhileItWasSaid("Well, come in", { transcript: "Well, come", interrupted: true }), [["finish", 0]]);
});
