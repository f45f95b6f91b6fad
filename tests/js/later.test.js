import assert from "node:assert/strict";
import { test } from "node:test";
import { createLater, furnishLater } from "../../static/js/later.js";
import { settled } from "./stand-ins.js";

function element(matches) {
  const made = Object.assign(new EventTarget(), { clicked: 0, click: () => (made.clicked += 1) });
  made.closest = (selector) => (selector === matches ? made : null);
  return made;
}

function part({ selector = "[data-hint-ask]", load }) {
  const button = element(selector);
  const root = Object.assign(new EventTarget(), { querySelector: () => button });
  const happened = [];
  const life = new AbortController();
  const use = furnishLater({
    root, part: load, selector, key: "h", signal: life.signal,
    furnish: (module) => (happened.push(module), "furnished"),
    failed: () => happened.push("failed"),
  });
  const press = (type, target, fields = {}) => {
    const event = Object.assign(new Event(type, { cancelable: true }), fields);
    Object.defineProperty(event, "target", { value: target });
    root.dispatchEvent(event);
    return event.defaultPrevented;
  };
  return { button, happened, use, press, life };
}

test("a part is loaded once; one that failed is tried again under another address", async () => {
  const asked = [];
  let online = false;
  const later = createLater({
    load: async (path) => {
      asked.push(path);
      if (!online) throw new TypeError("Failed to fetch");
      return { path };
    },
    resolve: (path) => `/static/${path}.0a1b.js`,
  });
  const hints = later("hints");
  await assert.rejects(hints());
  await assert.rejects(hints());
  online = true;
  assert.equal((await hints()).path, "/static/hints.0a1b.js?again=2");
  await hints();
  assert.deepEqual(asked, ["hints", "/static/hints.0a1b.js?again=1", "/static/hints.0a1b.js?again=2"]);
});

test("a press before its part is loaded waits for it and is repeated, by button and by key", async () => {
  let loaded;
  const { button, happened, press } = part({ load: () => new Promise((resolve) => (loaded = resolve)) });
  assert.equal(press("click", element("another")), false);
  assert.equal(press("click", button), true);
  await settled();
  assert.deepEqual([happened, button.clicked], [[], 0]);
  loaded("module");
  await settled();
  assert.deepEqual([happened, button.clicked], [["module"], 1]);
  assert.equal(press("click", button), false, "from now on it is the part's");
  assert.equal(press("keydown", element("body"), { key: "h" }), false);

  const byKey = part({ load: async () => "module" });
  assert.equal(byKey.press("keydown", element("input, textarea, select, [contenteditable]"), { key: "h" }), false);
  assert.equal(byKey.press("keydown", element("body"), { key: "h", ctrlKey: true }), false);
  assert.equal(byKey.press("keydown", element("body"), { key: "H" }), true);
  await settled();
  assert.deepEqual([byKey.happened, byKey.button.clicked], [["module"], 1]);
});

test("Enter in a field waits for the part whose button its form has, unless it starts a new line or ends a composition", async () => {
  const { button, happened, press } = part({ load: async () => "module" });
  const field = Object.assign(element("input, textarea, select, [contenteditable]"), { form: { querySelector: () => button } });
  for (const other of [{ shiftKey: true }, { isComposing: true }, { keyCode: 229 }]) {
    assert.equal(press("keydown", field, { key: "Enter", ...other }), false);
  }
  assert.equal(press("keydown", Object.assign(field, { form: null }), { key: "Enter" }), false);
  assert.equal(press("keydown", Object.assign(field, { form: { querySelector: () => button } }), { key: "Enter" }), true);
  await settled();
  assert.deepEqual([happened, button.clicked], [["module"], 1]);
});

test("a part that cannot be loaded says so, and the next press tries again", async () => {
  let online = false;
  const { button, happened, press, use } = part({ load: async () => (online ? "module" : Promise.reject(new TypeError())) });
  press("click", button);
  await settled();
  assert.deepEqual([happened, button.clicked], [["failed"], 0]);
  online = true;
  press("click", button);
  await settled();
  assert.deepEqual([happened, button.clicked], [["failed", "module"], 1]);
  assert.equal(await use(), "furnished");
  assert.equal(happened.length, 2, "furnished once");
});

test("nothing is loaded into a room that was left", async () => {
  const { happened, use, life } = part({ load: async () => "module" });
  life.abort();
  assert.equal(await use(), undefined);
  assert.deepEqual(happened, []);
});
