import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { createEnterKey } from "../../static/js/enter-key.js";

let field, sent, now;

beforeEach(() => {
  field = new EventTarget();
  sent = 0;
  now = 1000;
  createEnterKey({ field, now: () => now, onEnter: () => (sent += 1), signal: new AbortController().signal });
});

function fire(type, properties = {}) {
  const event = new Event(type, { cancelable: true });
  for (const [name, value] of Object.entries(properties)) Object.defineProperty(event, name, { value });
  field.dispatchEvent(event);
  return event;
}

const enter = (more = {}) => fire("keydown", { key: "Enter", keyCode: 13, ...more });

test("Enter sends and makes no line; Shift and Enter make a line", () => {
  assert.equal(enter().defaultPrevented, true);
  assert.equal(enter({ shiftKey: true }).defaultPrevented, false);
  assert.equal(sent, 1);
});

test("a key held down sends once", () => {
  enter();
  enter({ repeat: true });
  assert.equal(sent, 1);
});

test("Chrome and Firefox: the Enter that ends a composition comes before its end", () => {
  fire("compositionstart");
  enter({ isComposing: true, keyCode: 229 });
  fire("compositionend");
  assert.equal(sent, 0);
});

test("Safari: it comes after the end, as key code 229", () => {
  fire("compositionstart");
  fire("compositionend");
  enter({ keyCode: 229 });
  now += 500;
  enter({ keyCode: 229 });
  assert.equal(sent, 0);
});

test("a browser that shows neither in the Enter event is recognised by the order of events", () => {
  fire("compositionstart");
  enter();
  fire("compositionend");
  enter();
  assert.equal(sent, 0);
  now += 300;
  enter();
  assert.equal(sent, 1);
});

test("a composition that a browser dropped silently does not swallow Enter for ever", () => {
  fire("compositionstart");
  fire("blur");
  enter();
  assert.equal(sent, 1);
});
