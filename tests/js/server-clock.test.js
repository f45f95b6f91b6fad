import assert from "node:assert/strict";
import { test } from "node:test";
import { createServerClock } from "../../static/js/server-clock.js";

const HOUR = 3_600_000;

function computer({ wrongBy = 0 } = {}) {
  const time = { server: Date.parse("2026-11-22T12:00:00Z"), wrongBy, steady: 0 };
  const clock = createServerClock({ wall: () => time.server + time.wrongBy, steady: () => time.steady });
  const pass = (ms) => {
    time.server += ms;
    time.steady += ms;
  };
  const ping = (there, back) => {
    const clientTime = clock.clientTime();
    pass(there);
    const serverTime = new Date(time.server).toISOString();
    pass(back);
    clock.answered({ serverTime, clientTime });
  };
  return { time, clock, pass, ping };
}

test("a computer five hours wrong sends the server's time", () => {
  const { time, clock, ping } = computer({ wrongBy: -5 * HOUR });
  ping(40, 40);
  assert.equal(clock.now(), time.server);
  assert.equal(clock.iso(), new Date(time.server).toISOString());
});

test("the quickest round trip wins over slow lopsided ones", () => {
  const { time, clock, ping } = computer({ wrongBy: HOUR });
  ping(2000, 100);
  ping(20, 30);
  ping(100, 1500);
  assert.ok(Math.abs(clock.now() - time.server) <= 5);
});

test("a snapshot's time is used until a ping is answered", () => {
  const { time, clock, ping } = computer({ wrongBy: HOUR });
  clock.told(new Date(time.server).toISOString());
  assert.equal(clock.now(), time.server);
  assert.equal(clock.calibrated(), false);
  ping(10, 10);
  assert.equal(clock.calibrated(), true);
});

test("until the server is heard again, its time is still known", () => {
  const { time, clock, ping } = computer({ wrongBy: -5 * HOUR });
  ping(40, 40);
  clock.forget();
  assert.deepEqual([clock.now(), clock.calibrated()], [time.server, false]);
  clock.told(new Date(time.server + 700).toISOString());
  assert.equal(clock.now(), time.server + 700);
});

test("sleep and a changed clock are noticed once", () => {
  const { time, clock, pass } = computer();
  pass(10_000);
  assert.equal(clock.jumped(), false);
  time.wrongBy += 60_000;
  assert.equal(clock.jumped(), true);
  assert.equal(clock.jumped(), false);
});
