import assert from "node:assert/strict";
import { test } from "node:test";

import { createCoaching } from "../../static/js/coaching.js";
import { emptyRoom, reduce } from "../../static/js/room-state.js";

const PAUSE = { praise: "You asked.", quote: "What happened?", next: "Name a day." };

function element() {
  return Object.assign(new EventTarget(), { textContent: "", hidden: true, checked: false, defaultChecked: false, contains: () => false });
}

function card(choose = async () => {}) {
  const parts = Object.fromEntries(["card", "praise", "quote", "next", "go", "chosen"].map((name) => [name, element()]));
  const root = Object.assign(new EventTarget(), { activeElement: null });
  const said = [];
  const gone = [];
  const coaching = createCoaching({
    parts,
    root,
    goOn: () => gone.push(true),
    choose,
    say: (key) => key,
    announce: (words) => said.push(words),
    signal: new AbortController().signal,
  });
  return { parts, root, said, gone, coaching };
}

function press(root, key, inside = null) {
  const event = Object.assign(new Event("keydown", { cancelable: true }), { key, repeat: false });
  Object.defineProperty(event, "target", { value: { closest: () => inside } });
  root.dispatchEvent(event);
}

test("the card waits until the other person has spoken, is read out once, and closes with G", () => {
  const { parts, root, said, gone, coaching } = card();
  coaching.render(PAUSE, true);
  assert.equal(parts.card.hidden, true);
  coaching.render(PAUSE, false);
  coaching.render(PAUSE, false);
  assert.deepEqual([parts.card.hidden, parts.quote.textContent, said], [false, "“What happened?”", ["coaching.said"]]);
  press(root, "g", "a field");
  assert.equal(gone.length, 0);
  press(root, "G");
  parts.go.dispatchEvent(new Event("click"));
  assert.equal(gone.length, 2);
  coaching.render(null, false);
  assert.equal(parts.card.hidden, true);
  press(root, "g");
  assert.equal(gone.length, 2);
});

test("focus moves to the control when the card closes", () => {
  const { parts, coaching } = card();
  coaching.render(PAUSE, false);
  parts.card.contains = () => true;
  assert.equal(coaching.render(null, false), true);
});

test("a choice that could not be saved is undone", async () => {
  const { parts, said } = card(() => Promise.reject(new Error("offline")));
  parts.chosen.checked = true;
  parts.chosen.dispatchEvent(new Event("change"));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([parts.chosen.checked, said], [false, ["coaching.failed"]]);
});

test("the clocks of the page stand still in a pause, from the end of the reply until the trainee goes on or answers", () => {
  const session = { status: "active", startedAt: "2026-01-05T09:00:00.000Z" };
  const reply = { turnId: "t", sequence: 6, text: "", written: true, sound: "playing", silenced: false };
  const before = { ...emptyRoom({ session, pausedMs: 500 }), reply, quietSince: null };
  const paused = reduce(before, { type: "coaching", ...PAUSE, at: 1000 });
  const heard = reduce(paused, { type: "sound_ended", sequence: 6, at: 3000 });
  assert.deepEqual([heard.quietSince, heard.coaching.since], [null, 3000]);
  const on = reduce(heard, { type: "coaching_over", at: 9000 });
  assert.deepEqual([on.coaching, on.pausedMs, on.quietSince], [null, 6500, 9000]);
  const typed = reduce(heard, { type: "typing_began", at: 5000 });
  assert.deepEqual([typed.coaching, typed.pausedMs, typed.quietSince], [null, 2500, 65_000]);
  const spoken = reduce(heard, { type: "take_started", sequence: 7, startedAt: new Date(4000).toISOString() });
  assert.deepEqual([spoken.coaching, spoken.pausedMs], [null, 1500]);
});
