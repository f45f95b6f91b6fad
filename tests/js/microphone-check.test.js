import assert from "node:assert/strict";
import { test } from "node:test";

import { levelOf, listen, problemOf } from "../../static/js/microphone-check.js";
import { createTime } from "./stand-ins.js";

const failing = (name, message = "") => ({
  getUserMedia: async () => {
    throw new DOMException(message, name);
  },
});

// The parts of an AudioContext and a microphone that the check uses.
function room({ samples = [0, 0] } = {}) {
  const track = new EventTarget();
  Object.assign(track, { label: "Desk microphone", stopped: false, stop: () => (track.stopped = true) });
  const node = { connect() {}, disconnect() {} };
  const frames = [];
  return {
    track,
    frame: () => frames.shift()?.(),
    options: {
      mediaDevices: { getUserMedia: async () => ({ getAudioTracks: () => [track], getTracks: () => [track] }) },
      context: {
        createMediaStreamSource: () => node,
        createAnalyser: () => ({ fftSize: 0, getFloatTimeDomainData: (into) => into.fill(samples[0]) }),
      },
      schedule: (next) => frames.push(next),
    },
  };
}

for (const [name, message, kind] of [
  ["NotAllowedError", "Permission denied", "denied"],
  ["NotAllowedError", "Permission denied by system", "blocked-by-system"],
  ["NotFoundError", "", "missing"],
  ["NotReadableError", "", "busy"],
  ["SecurityError", "", "insecure"],
  ["SomethingNewError", "", "failed"],
]) {
  test(`${name} ${message} is known as ${kind}`, () => {
    assert.equal(problemOf(new DOMException(message, name)), kind);
  });
}

test("silence shows level 0, a shout the maximum, speech in between", () => {
  assert.equal(levelOf(new Float32Array(64)), 0);
  assert.equal(levelOf(new Float32Array(64).fill(1)), 1);
  const speech = levelOf(new Float32Array(64).fill(0.05));
  assert.ok(speech > 0.5 && speech < 0.8, String(speech));
});

test("a refused microphone rejects with the kind of problem", async () => {
  const signal = new AbortController().signal;
  const options = { ...room().options, mediaDevices: failing("NotFoundError"), signal, onLevel() {} };
  await assert.rejects(listen(options), (error) => error.kind === "missing");
});

test("a page that is not secure is told apart from a browser that cannot", async () => {
  const signal = new AbortController().signal;
  const options = { ...room().options, mediaDevices: undefined, signal, onLevel() {} };
  await assert.rejects(listen({ ...options, secure: false }), (error) => error.kind === "insecure");
  await assert.rejects(listen({ ...options, secure: true }), (error) => error.kind === "unsupported");
});

test("levels come until the check ends, then the microphone is released", async () => {
  const here = room({ samples: [0.5] });
  const check = new AbortController();
  const levels = [];
  const name = await listen({ ...here.options, signal: check.signal, onLevel: (level) => levels.push(level) });
  assert.equal(name, "Desk microphone");
  here.frame();
  assert.equal(levels.length, 2);
  check.abort();
  here.frame();
  assert.equal(levels.length, 2);
  assert.equal(here.track.stopped, true);
});

test("a microphone that comes too late is closed at once", async () => {
  const here = room();
  const check = new AbortController();
  check.abort();
  await listen({ ...here.options, signal: check.signal, onLevel: () => assert.fail("nobody listens any more") });
  assert.equal(here.track.stopped, true);
});

test("a microphone that is unplugged is noticed", async () => {
  const here = room();
  let ended = 0;
  await listen({ ...here.options, signal: new AbortController().signal, onLevel() {}, onEnded: () => (ended += 1) });
  here.track.dispatchEvent(new Event("ended"));
  assert.equal(ended, 1);
});

for (const [part, broken] of Object.entries({
  "a source that cannot be made": { createMediaStreamSource: () => { throw new DOMException("", "NotSupportedError"); } },
  "an analyser that cannot be made": { createAnalyser: () => { throw new DOMException("", "InvalidStateError"); } },
})) {
  test(`${part} releases the microphone and is reported`, async () => {
    const here = room();
    Object.assign(here.options.context, broken);
    await assert.rejects(listen({ ...here.options, signal: new AbortController().signal, onLevel() {} }), (error) => error.kind === "recorder");
    assert.equal(here.track.stopped, true);
  });
}

test("a microphone muted by its own switch is reported, and so is an audio context that does not run", async () => {
  const here = room();
  const time = createTime();
  here.options.context.state = "suspended";
  here.options.context.resume = async () => {};
  const told = [];
  const signal = new AbortController().signal;
  await listen({ ...here.options, timers: time, signal, onLevel() {}, onMuted: (is) => told.push(is), onEnded: (kind) => told.push(kind) });
  here.track.dispatchEvent(new Event("mute"));
  here.track.dispatchEvent(new Event("unmute"));
  time.pass(2000);
  assert.deepEqual(told, [true, false, "recorder"]);
});
