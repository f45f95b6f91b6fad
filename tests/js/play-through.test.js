import assert from "node:assert/strict";
import { test } from "node:test";

import { createPlayThrough } from "../../static/js/play-through.js";
import { speaker } from "./stand-ins.js";

function stage({ broken = [] } = {}) {
  const told = [];
  const audio = speaker({ broken });
  const { heard } = audio;
  const life = new AbortController();
  const through = createPlayThrough({
    addresses: ["a", "b", "c"],
    audio,
    on: {
      place: (index) => told.push(index),
      playing: (is) => told.push(is),
      failed: (index) => told.push(`failed ${index}`),
      finished: () => told.push("finished"),
    },
    signal: life.signal,
  });
  const end = async () => {
    audio.dispatchEvent(new Event("ended"));
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { audio, heard, told, through, end, life };
}

test("plays every line in order and stops after the last", async () => {
  const { heard, told, through, end } = stage();
  await through.toggle();
  await end();
  await end();
  await end();
  assert.deepEqual(heard, ["a", "b", "c"]);
  assert.deepEqual(told.slice(-2), [false, "finished"]);
});

test("a recording that cannot be loaded is reported and skipped", async () => {
  const { heard, told, through, end } = stage({ broken: ["b"] });
  await through.toggle();
  await end();
  assert.deepEqual(heard, ["a", "c"]);
  assert.ok(told.includes("failed 1"));
});

test("after a pause it continues with the same line, not with the next", async () => {
  const { heard, through, end } = stage();
  await through.toggle();
  through.toggle();
  await end();
  assert.deepEqual(heard, ["a"]);
  await through.toggle();
  assert.deepEqual(heard, ["a", "a"]);
});

test("previous and next stay within the conversation", async () => {
  const { heard, through } = stage();
  await through.previous();
  await through.next();
  await through.next();
  await through.next();
  assert.deepEqual(heard, ["a", "b", "c", "c"]);
});

test("playing stops when the page is left", async () => {
  const { told, through, life } = stage();
  await through.toggle();
  life.abort();
  assert.equal(told.at(-1), false);
});
