import assert from "node:assert/strict";
import { test } from "node:test";
import { DeadlinePassed, within } from "../../static/js/deadline.js";
import { createTime, settled } from "./stand-ins.js";

test("a timely result is passed on, and no timer is left", async () => {
  const timers = createTime();
  assert.equal(await within(100, async () => 7, { timers }), 7);
  await assert.rejects(within(100, async () => Promise.reject(new Error("no")), { timers }), { message: "no" });
  assert.equal(timers.waiting(), 0);
});

test("a promise that never settles times out, and one that throws at once rejects", async () => {
  const timers = createTime();
  const hanging = within(100, () => new Promise(() => {}), { timers });
  timers.pass(100);
  await assert.rejects(hanging, (error) => error instanceof DeadlinePassed && error.name === "TimeoutError");
  await assert.rejects(
    within(100, () => {
      throw new TypeError("not a function");
    }, { timers }),
    TypeError,
  );
});

test("a late result is handed over to be released, and a late rejection is ignored", async () => {
  const timers = createTime();
  let bring;
  let refuse;
  const late = [];
  const first = within(100, () => new Promise((resolve) => (bring = resolve)), { timers, late: (value) => late.push(value) });
  const second = within(100, () => new Promise((_, reject) => (refuse = reject)), { timers, late: () => assert.fail() });
  timers.pass(100);
  await assert.rejects(first);
  await assert.rejects(second);
  bring("a stream");
  refuse(new Error("no"));
  await settled();
  assert.deepEqual(late, ["a stream"]);
});
