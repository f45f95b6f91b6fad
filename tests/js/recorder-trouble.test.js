import assert from "node:assert/strict";
import { test } from "node:test";
import { createRecorder } from "../../static/js/recorder.js";
import { createPort, createTime, settled } from "./stand-ins.js";

const never = () => new Promise(() => {});
const throwing = (name) => () => {
  throw new DOMException("", name);
};

// A recorder whose parts can be broken and repaired. `held` counts what has not been released.
function studio(broken = {}) {
  const time = createTime();
  const told = [];
  const held = { tracks: new Set(), contexts: new Set(), workers: new Set(), nodes: new Set() };
  const made = { asked: 0 };
  const parts = {
    getUserMedia: async () => stream(),
    createContext: (options) => context(options),
    createNode: async () => node(),
    createWorker: () => worker(),
    ...broken,
  };

  function stream() {
    const track = { muted: false, readyState: "live", getSettings: () => ({ sampleRate: 44_100 }), stop: () => held.tracks.delete(track) };
    held.tracks.add(track);
    made.track = track;
    return { active: true, getAudioTracks: () => [track], getTracks: () => [track] };
  }

  function context(options) {
    const one = {
      options,
      state: "running",
      currentTime: 0,
      resume: async () => {},
      close: async () => {
        one.state = "closed";
        held.contexts.delete(one);
      },
      change(state) {
        one.state = state;
        one.onstatechange?.();
      },
    };
    held.contexts.add(one);
    made.context = one;
    return one;
  }

  function node() {
    const one = Object.assign(new EventTarget(), { port: createPort(), disconnect: () => held.nodes.delete(one) });
    held.nodes.add(one);
    made.node = one;
    return one;
  }

  function worker() {
    const one = Object.assign(createPort(), { terminate: () => held.workers.delete(one) });
    held.workers.add(one);
    made.worker = one;
    return one;
  }

  const record = (name) => (...values) => told.push([name, ...values]);
  const recorder = createRecorder({
    mediaDevices: {
      getUserMedia: (constraints) => {
        made.asked += 1;
        return parts.getUserMedia(constraints);
      },
    },
    createContext: (options) => parts.createContext(options),
    createNode: (...given) => parts.createNode(...given),
    createWorker: () => parts.createWorker(),
    createChannel: () => ({ port1: "one", port2: "two" }),
    encoder: { library: "lib.js", wasm: "mp3.wasm" },
    timers: time,
    on: Object.fromEntries(["piece", "meter", "level", "full", "done", "muted", "stalled", "lost", "failed"].map((name) => [name, record(name)])),
  });
  return {
    recorder, time, told, held, made, parts, stream,
    names: () => told.map(([name]) => name),
    nothingHeld: () => Object.values(held).every((kind) => kind.size === 0) && time.waiting() === 0,
    mend: () => Object.assign(parts, { getUserMedia: async () => stream(), createContext: context, createNode: async () => node(), createWorker: worker }),
  };
}

const PARTS = {
  "a context that cannot be had": { createContext: throwing("NotSupportedError") },
  "a worklet that is not loaded": { createNode: async () => Promise.reject(new DOMException("", "AbortError")) },
  "a processor that was not registered": { createNode: async () => throwing("InvalidStateError")() },
  "a worker that is forbidden": { createWorker: throwing("SecurityError") },
};

for (const [part, broken] of Object.entries(PARTS)) {
  test(`${part} releases everything, and the next try starts afresh`, async () => {
    const { recorder, nothingHeld, mend, made } = studio(broken);
    await assert.rejects(recorder.open(), (error) => error.kind === "recorder");
    assert.equal(nothingHeld(), true);
    assert.equal(recorder.isOpen(), false);
    mend();
    await recorder.open();
    assert.equal(recorder.isOpen(), true);
    assert.equal(made.asked, 2);
  });
}

test("a worklet that never loads is given up on", async () => {
  const { recorder, time, nothingHeld } = studio({ createNode: never });
  const opening = recorder.open();
  await settled();
  time.pass(4000);
  await assert.rejects(opening, (error) => error.kind === "recorder");
  assert.equal(nothingHeld(), true);
});

test("a permission question that is never answered is given up on, and a late yes is released", async () => {
  let allow;
  const { recorder, time, held, stream } = studio({ getUserMedia: () => new Promise((resolve) => (allow = resolve)) });
  const opening = recorder.open();
  time.pass(60_000);
  await assert.rejects(opening, (error) => error.kind === "unanswered");
  allow(stream());
  await settled();
  assert.equal(held.tracks.size, 0);
});

test("a microphone granted after the room was left is released", async () => {
  let allow;
  const { recorder, held, stream } = studio({ getUserMedia: () => new Promise((resolve) => (allow = resolve)) });
  const opening = recorder.open();
  recorder.close();
  allow(stream());
  await assert.rejects(opening);
  assert.equal(held.tracks.size, 0);
});

test("a device without a live track does not count as a microphone", async () => {
  const { recorder } = studio({ getUserMedia: async () => ({ getAudioTracks: () => [], getTracks: () => [] }) });
  await assert.rejects(recorder.open(), (error) => error.kind === "missing");
});

test("Firefox: a stream of another rate gets a context of its rate", async () => {
  let tries = 0;
  const { recorder, made, parts, held } = studio();
  const { createNode } = parts;
  parts.createNode = async (...given) => (tries++ === 0 ? throwing("NotSupportedError")() : createNode(...given));
  await recorder.open();
  assert.equal(made.context.options.sampleRate, 44_100);
  assert.equal(held.contexts.size, 1);
});

test("an encoder that is never ready is given up on, and so is one that fails", async () => {
  const hanging = studio();
  await hanging.recorder.open();
  const ready = hanging.recorder.ready();
  hanging.time.pass(10_000);
  await assert.rejects(ready, (error) => error.kind === "recorder");
  assert.equal(hanging.nothingHeld(), true);

  const failing = studio();
  await failing.recorder.open();
  const waiting = failing.recorder.ready();
  failing.made.worker.deliver({ type: "failed" });
  await assert.rejects(waiting, (error) => error.kind === "recorder");
  assert.deepEqual(failing.told.at(-1), ["failed", "encoder"]);
  assert.equal(failing.nothingHeld(), true);
});

test("an encoder that is never ready ends the take that waits for it, and what is said is not waited for any longer", async () => {
  const { recorder, time, told, nothingHeld } = studio();
  await recorder.open();
  const ready = recorder.ready();
  recorder.start();
  recorder.stop();
  time.pass(10_000);
  await assert.rejects(ready, (error) => error.kind === "recorder");
  assert.deepEqual([told.at(-1), nothingHeld()], [["failed", "encoder"], true]);
});

test("a context that is interrupted while the encoder still loads keeps what was recorded before", async () => {
  const { recorder, made, time, names } = studio();
  await recorder.open();
  const take = recorder.start();
  made.context.currentTime = 2;
  made.context.change("interrupted");
  time.pass(5000);
  assert.deepEqual(names().filter((name) => ["stalled", "failed"].includes(name)), ["stalled"]);
  made.worker.deliver({ type: "mp3", take, bytes: new ArrayBuffer(6000) });
  made.worker.deliver({ type: "end", take, seconds: 2 });
  assert.equal(names().at(-1), "done");
});

test("a worklet that fails in the middle of a take is reported", async () => {
  const { recorder, made, told, nothingHeld } = studio();
  await recorder.open();
  recorder.start();
  made.node.dispatchEvent(new Event("processorerror"));
  assert.deepEqual(told.at(-1), ["failed", "encoder"]);
  assert.equal(nothingHeld(), true);
});

test("a take whose context is stalled is finished by the encoder", async () => {
  const { recorder, made, time, told } = studio();
  await recorder.open();
  const take = recorder.start();
  made.worker.deliver({ type: "mp3", take, bytes: new ArrayBuffer(6000) });
  made.context.state = "suspended";
  recorder.stop();
  time.pass(700);
  assert.deepEqual(made.worker.posted.at(-1), { type: "finish", take });
  made.worker.deliver({ type: "end", take, seconds: 2.1 });
  assert.deepEqual(told.at(-1), ["done", take, { seconds: 2.1, bytes: 6000 }]);
  assert.equal(time.waiting(), 0);
});

test("if the encoder is silent too, what was recorded is handed over within two seconds of release", async () => {
  const { recorder, made, time, told, nothingHeld } = studio();
  await recorder.open();
  const take = recorder.start();
  made.worker.deliver({ type: "mp3", take, bytes: new ArrayBuffer(6000) });
  recorder.stop();
  time.pass(1999);
  assert.deepEqual(told.at(-1), ["done", take, { seconds: 2, bytes: 6000 }]);
  assert.equal(nothingHeld(), true);
});

test("a take without any data is reported as interrupted within two seconds of release", async () => {
  const { recorder, made, time, told, nothingHeld } = studio();
  await recorder.open();
  made.worker.deliver({ type: "ready" });
  recorder.start();
  recorder.stop();
  time.pass(1999);
  assert.deepEqual(told.at(-1), ["failed", "interrupted"]);
  assert.equal(nothingHeld(), true);
});

for (const state of ["suspended", "interrupted", "closed"]) {
  test(`a context that is ${state} during a take ends it and keeps what was recorded`, async () => {
    const { recorder, made, time, names } = studio();
    await recorder.open();
    const take = recorder.start();
    made.context.currentTime = 2;
    made.worker.deliver({ type: "mp3", take, bytes: new ArrayBuffer(6000) });
    made.context.change(state);
    time.pass(1500);
    assert.equal(recorder.isRecording(), false);
    assert.ok(names().includes("stalled"));
    time.pass(1500);
    assert.ok(names().includes("done"));
  });
}

test("a context that recovers by itself does not end the take", async () => {
  const { recorder, made, time } = studio();
  await recorder.open();
  recorder.start();
  made.context.currentTime = 2;
  made.context.change("interrupted");
  made.context.change("running");
  time.pass(3000);
  assert.equal(recorder.isRecording(), true);
});

test("a context that claims to run but is stalled is detected", async () => {
  const { recorder, time, told } = studio();
  await recorder.open();
  recorder.start();
  time.pass(1600);
  assert.deepEqual(told.at(-1), ["failed", "interrupted"]);
});

test("a resume that is refused or throws is judged by the state alone", async () => {
  const { recorder, made, time, told } = studio();
  await recorder.open();
  made.context.resume = async () => Promise.reject(new DOMException("", "InvalidStateError"));
  made.context.state = "interrupted";
  recorder.start();
  await settled();
  time.pass(1600);
  assert.deepEqual(told.at(-1), ["failed", "interrupted"]);
});

test("the microphone's own switch is reported, at the start and later", async () => {
  const { recorder, made, told, stream, parts } = studio();
  parts.getUserMedia = async () => {
    const muted = stream();
    muted.getAudioTracks()[0].muted = true;
    return muted;
  };
  await recorder.open();
  assert.deepEqual(told.at(-1), ["muted", true]);
  made.track.onunmute();
  assert.deepEqual(told.at(-1), ["muted", false]);
});

test("unplugging the microphone releases everything", async () => {
  const { recorder, made, names, nothingHeld } = studio();
  await recorder.open();
  recorder.start();
  made.track.onended();
  assert.equal(names().at(-1), "lost");
  assert.equal(nothingHeld(), true);
});

test("a resume that resolves while nothing runs is detected (elizaOS/eliza#15408)", async () => {
  const { recorder, made, time, told, nothingHeld } = studio();
  await recorder.open();
  made.context.state = "suspended";
  recorder.start();
  time.pass(1600);
  assert.deepEqual([told.at(-1), nothingHeld()], [["failed", "interrupted"], true]);
});

test("leaving while the worklet is loaded builds no node on a closed context (moq-dev/moq#2202, #2353)", async () => {
  let loaded;
  const { recorder, parts, held } = studio();
  const { createNode } = parts;
  parts.createNode = async (...given) => {
    await new Promise((resolve) => (loaded = resolve));
    return createNode(...given);
  };
  const opening = recorder.open();
  await settled();
  recorder.close();
  loaded();
  await assert.rejects(opening);
  assert.deepEqual([held.nodes.size, held.contexts.size, held.tracks.size, recorder.isOpen()], [0, 0, 0, false]);
});

test("two presses at once ask for one microphone", async () => {
  const { recorder, made, held } = studio();
  await Promise.all([recorder.open(), recorder.open()]);
  assert.deepEqual([made.asked, held.tracks.size, held.workers.size], [1, 1, 1]);
});
