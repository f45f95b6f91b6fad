import assert from "node:assert/strict";
import { test } from "node:test";
import { createPlayer } from "../../static/js/player.js";
import { createPort, createTime } from "./stand-ins.js";

function loudspeaker({ outputLatency = 0, ...slow } = {}) {
  const port = createPort();
  const time = createTime();
  const told = [];
  const on = { started: (sequence) => told.push(["started", sequence]), ended: (sequence) => told.push(["ended", sequence]), level: () => {} };
  const context = { state: "running", outputLatency };
  const player = createPlayer({ context, node: { port }, timers: time, on, ...slow });
  const played = () => port.posted.filter((message) => message.type === "samples").flatMap((message) => [...message.pcm]);
  return { player, port, time, told, played, context };
}

const pcm = (...samples) => Int16Array.from(samples);

test("chunks go to the sound card as they arrive", () => {
  const { player, played } = loudspeaker();
  player.begin(0);
  player.push(0, pcm(1, 2));
  player.push(0, pcm(3));
  assert.deepEqual(played(), [1, 2, 3]);
});

test("a replay after a reconnect plays only what is new", () => {
  const { player, played } = loudspeaker();
  player.begin(2);
  player.push(2, pcm(1, 2, 3));
  player.begin(2);
  player.push(2, pcm(1, 2));
  player.push(2, pcm(3, 4));
  player.push(2, pcm(5));
  assert.deepEqual(played(), [1, 2, 3, 4, 5]);
});

const begun = ({ port }) => port.posted.filter(({ type }) => type === "begin").length;

test("a reply that the server begins anew is played from its beginning, after what was received of the old one", () => {
  const here = loudspeaker();
  here.player.begin(2);
  here.player.push(2, pcm(1, 2, 3));
  here.player.begin(2);
  here.player.push(2, pcm(7, 8, 9, 10));
  assert.deepEqual([here.played(), begun(here)], [[1, 2, 3, 7, 8, 9, 10], 2]);
  assert.equal(here.player.receivedMs(), Math.round(4 / 24));
});

test("a reply begun anew after the same silence is played from the beginning of that silence", () => {
  const here = loudspeaker();
  here.player.begin(2);
  here.player.push(2, pcm(0, 0, 3));
  here.player.begin(2);
  here.player.push(2, pcm(0, 0));
  here.player.push(2, pcm(8, 9));
  assert.deepEqual([here.played(), begun(here)], [[0, 0, 3, 0, 0, 8, 9], 2]);
});

test("a reply begun anew is replayed as itself after a reconnect, not as the one before", () => {
  const here = loudspeaker();
  here.player.begin(2);
  here.player.push(2, pcm(1, 2, 3));
  here.player.begin(2);
  here.player.push(2, pcm(7, 8));
  here.player.begin(2);
  here.player.push(2, pcm(7, 8, 9));
  assert.deepEqual([here.played(), begun(here)], [[1, 2, 3, 7, 8, 9], 2]);
});

test("a replay that breaks off leaves the samples known that it did not reach", () => {
  const here = loudspeaker();
  here.player.begin(2);
  here.player.push(2, pcm(1, 2, 3));
  here.player.begin(2);
  here.player.push(2, pcm(1));
  here.player.begin(2);
  here.player.push(2, pcm(1, 2, 8));
  assert.deepEqual([here.played(), begun(here)], [[1, 2, 3, 1, 2, 8], 2]);
});

test("a reply begun anew is played whole, also what was skipped of the old one after a reload", () => {
  const here = loudspeaker();
  here.player.begin(2, 1000);
  here.player.push(2, new Int16Array(23_999));
  here.player.begin(2, 1000);
  here.player.push(2, pcm(5, 6));
  assert.deepEqual(here.played(), [5, 6]);
});

test("samples of a turn that has not begun are dropped", () => {
  const { player, played } = loudspeaker();
  player.begin(2);
  player.push(0, pcm(9));
  assert.deepEqual(played(), []);
});

test("a barge-in reports what reached the ear, without the sound card's delay", async () => {
  const { player, port } = loudspeaker({ outputLatency: 0.1 });
  player.begin(2);
  player.push(2, new Int16Array(48000));
  const heard = player.stop();
  port.deliver({ type: "stopped", sequence: 2, samples: 24000 });
  assert.deepEqual(await heard, { sequence: 2, playedMs: 900 });
  assert.equal(player.playing(), null);
});

test("what was heard is never more than was received, and never negative", async () => {
  const { player, port } = loudspeaker({ outputLatency: 0.1 });
  player.begin(2);
  player.push(2, new Int16Array(240));
  const heard = player.stop();
  port.deliver({ type: "stopped", sequence: 2, samples: 240 });
  assert.equal((await heard).playedMs, 0);
});

test("a suspended sound card does not delay a barge-in", async () => {
  const { player, port, time } = loudspeaker();
  player.begin(2);
  player.push(2, new Int16Array(48000));
  port.deliver({ type: "progress", sequence: 2, samples: 12000, level: 0.1 });
  const heard = player.stop();
  time.pass(150);
  assert.deepEqual(await heard, { sequence: 2, playedMs: 500 });
});

test("stopping while nothing plays reports nothing", async () => {
  assert.equal(await loudspeaker().player.stop(), null);
});

test("the end is reported once the last sample was heard", () => {
  const { player, port, time, told } = loudspeaker({ outputLatency: 0.2 });
  player.begin(0);
  player.finish(0);
  port.deliver({ type: "started", sequence: 0, samples: 0 });
  port.deliver({ type: "ended", sequence: 0, samples: 10 });
  assert.deepEqual(told, [["started", 0]]);
  time.pass(200);
  assert.deepEqual(told, [["started", 0], ["ended", 0]]);
});

test("after a reload only what was not heard yet is played, and still counted", async () => {
  const { player, port, played } = loudspeaker();
  player.begin(2, 1000);
  player.push(2, new Int16Array(23999));
  player.push(2, pcm(1, 2, 3));
  assert.deepEqual(played(), [2, 3]);
  const heard = player.stop();
  port.deliver({ type: "stopped", sequence: 2, samples: 2 });
  assert.equal((await heard).playedMs, 1000);
});

test("slower speech has the pace the room was given, and is counted at its own", async () => {
  const stretched = (pace) => ({ push: (samples) => new Int16Array(samples.length / pace), flush: () => pcm() });
  const { player, port, played } = loudspeaker({ stretcher: () => stretched, slowPace: 0.5 });
  player.speakSlower(true);
  player.begin(2);
  player.push(2, new Int16Array(24_000));
  assert.equal(played().length, 48_000);
  const heard = player.stop();
  port.deliver({ type: "stopped", sequence: 2, samples: 24_000 });
  assert.equal((await heard).playedMs, 500);
});
