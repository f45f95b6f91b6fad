import assert from "node:assert/strict";
import { test } from "node:test";
import { say } from "../../static/js/socket.js";
import { createTraineeTurn } from "../../static/js/trainee-turn.js";
import { createTime } from "./stand-ins.js";

function speaking({ kept = null, online = true } = {}) {
  const time = createTime(Date.parse("2026-11-22T12:00:00Z"));
  const wire = { online, frames: [], behind: 0 };
  const stored = new Map();
  const recordings = {
    keep: async (recording) => void stored.set(recording.sequence, structuredClone(recording)),
    forget: async (_, sequence) => void stored.delete(sequence),
  };
  const turn = createTraineeTurn({
    sessionId: "s1",
    sequence: 1,
    say,
    send: (frame) => {
      if (wire.online) wire.frames.push(frame);
      return wire.online;
    },
    clock: { now: () => time.now() + wire.behind, iso: () => new Date(time.now() + wire.behind).toISOString() },
    recordings,
    timers: time,
    kept,
  });
  const types = () => wire.frames.map((frame) => (typeof frame === "string" ? JSON.parse(frame).type : "audio"));
  const audio = () => wire.frames.filter((frame) => typeof frame !== "string").flatMap((frame) => [...new Uint8Array(frame).slice(4)]);
  return { time, wire, stored, turn, types, audio };
}

const piece = (value, size = 600) => new Uint8Array(size).fill(value).buffer;

test("speech is uploaded while it is spoken, and the end follows", () => {
  const { time, wire, turn, types, audio } = speaking();
  turn.start();
  turn.add(piece(1));
  turn.add(piece(2));
  assert.deepEqual(types(), ["turn_cancel", "turn_start", "audio"]);
  turn.add(piece(3));
  time.pass(3000);
  assert.equal(turn.end(2.5), true);
  assert.deepEqual(types(), ["turn_cancel", "turn_start", "audio", "audio", "turn_end"]);
  assert.equal(audio().length, 1800);
  const end = JSON.parse(wire.frames.at(-1));
  assert.equal(Date.parse(end.endedAt) - Date.parse(turn.startedAt), 2500);
  assert.equal(end.clientSentAt, "2026-11-22T12:00:03.000Z");
});

test("the start counts from the breath before the press, and no turn ends in the future", () => {
  const { time, wire, turn } = speaking();
  assert.equal(turn.startedAt, "2026-11-22T11:59:59.850Z");
  turn.start();
  time.pass(100);
  turn.end(9);
  const { endedAt, clientSentAt } = JSON.parse(wire.frames.at(-1));
  assert.equal(endedAt, clientSentAt);
});

test("a turn that ended while the clock was wrong has its times right once the clock is", () => {
  const { time, wire, turn } = speaking();
  turn.start();
  turn.add(piece(1, 6000));
  time.pass(3000);
  wire.behind = -5 * 3_600_000;
  turn.end(2);
  wire.behind = 0;
  turn.sendAgain();
  const { endedAt } = JSON.parse(wire.frames.at(-1));
  assert.equal(Date.parse(endedAt) - Date.parse(turn.startedAt), 2000);
  assert.equal(turn.seconds(), 2);
});

test("a turn that began while the clock was ahead is sent again from now, and never as one in the future", () => {
  const { time, wire, turn } = speaking();
  turn.start();
  time.pass(3000);
  wire.behind = -3_600_000;
  turn.end(2);
  wire.frames.length = 0;
  turn.sendAgain();
  const [, { startedAt }, { endedAt, clientSentAt }] = wire.frames.map((frame) => JSON.parse(frame));
  assert.deepEqual([startedAt, endedAt], [clientSentAt, clientSentAt]);
});

test("a recording of an earlier page that ends before its start gets the end that its sound has", () => {
  const kept = { startedAt: "2026-11-22T11:59:00.000Z", endedAt: "2026-11-22T06:59:02.000Z", pieces: [piece(1, 6000)], seconds: -17_998 };
  const { wire, turn } = speaking({ kept });
  turn.close();
  turn.sendAgain();
  assert.equal(JSON.parse(wire.frames.at(-1)).endedAt, "2026-11-22T11:59:02.000Z");
});

test("what was recorded before the barge-in was reported follows the start", () => {
  const { turn, types } = speaking();
  turn.add(piece(1, 2000));
  assert.deepEqual(types(), []);
  turn.start();
  assert.deepEqual(types(), ["turn_cancel", "turn_start", "audio"]);
});

test("a recording is kept while it is spoken and until the server has it", async () => {
  const { time, stored, turn } = speaking();
  turn.start();
  time.pass(600);
  turn.add(piece(1));
  assert.equal(stored.get(1).endedAt, null);
  turn.end(1);
  assert.notEqual(stored.get(1).endedAt, null);
  assert.equal(stored.get(1).pieces.length, 1);
  await turn.accepted();
  assert.equal(stored.size, 0);
});

test("a turn that ended without a connection is sent completely over the next one", () => {
  const { wire, turn, types, audio } = speaking();
  turn.start();
  turn.add(piece(1, 1500));
  wire.online = false;
  turn.add(piece(2, 1500));
  assert.equal(turn.end(1), false);
  wire.online = true;
  wire.frames.length = 0;
  assert.equal(turn.sendAgain(), true);
  assert.deepEqual(types(), ["turn_cancel", "turn_start", "audio", "turn_end"]);
  assert.equal(audio().length, 3000);
});

test("a connection that returns in the middle of a sentence gets all of it", () => {
  const { wire, turn, types, audio } = speaking();
  turn.start();
  turn.add(piece(1, 1500));
  wire.frames.length = 0;
  turn.sendAgain();
  turn.add(piece(2, 1500));
  turn.end(1);
  assert.deepEqual(types(), ["turn_cancel", "turn_start", "audio", "audio", "turn_end"]);
  assert.deepEqual([audio().length, audio()[0], audio().at(-1)], [3000, 1, 2]);
});

test("a cancelled turn is dropped here and at the server", async () => {
  const { stored, turn, types } = speaking();
  turn.start();
  turn.add(piece(1));
  await turn.cancel();
  turn.add(piece(2, 5000));
  assert.equal(turn.end(1), false);
  assert.deepEqual(types(), ["turn_cancel", "turn_start", "turn_cancel"]);
  assert.equal(stored.size, 0);
});

test("a turn that was never begun here is dropped at the server, too, which may hold an earlier page's", async () => {
  const kept = { startedAt: "2026-11-22T11:59:00.000Z", endedAt: null, pieces: [piece(1, 6000)], seconds: 0 };
  const { turn, types } = speaking({ kept });
  await turn.cancel();
  assert.deepEqual(types(), ["turn_cancel"]);
});

test("whatever was begun before a turn is dropped at the server, so that its time to speak begins anew", () => {
  const { wire, turn } = speaking();
  turn.start();
  assert.deepEqual(wire.frames.map((frame) => JSON.parse(frame)), [
    { type: "turn_cancel", sequence: 1 },
    { type: "turn_start", sequence: 1, startedAt: turn.startedAt },
  ]);
});

test("a recording cut short by a reload is kept as far as it goes", () => {
  const kept = { startedAt: "2026-11-22T11:59:00.000Z", endedAt: null, pieces: [piece(1, 6000)], seconds: 0 };
  const { wire, turn } = speaking({ kept });
  turn.close();
  turn.sendAgain();
  assert.equal(turn.endedAt(), "2026-11-22T11:59:02.000Z");
  assert.equal(JSON.parse(wire.frames.at(-1)).endedAt, "2026-11-22T11:59:02.000Z");
});
