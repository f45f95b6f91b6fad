import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { createTalkKeys } from "../../static/js/keys.js";

class Thing extends EventTarget {
  constructor(matches = "") {
    super();
    this.matches = matches;
  }

  closest(selector) {
    return selector.split(", ").includes(this.matches) ? this : null;
  }
}

function event(type, properties = {}) {
  const made = new Event(type, { cancelable: true });
  for (const [name, value] of Object.entries(properties)) Object.defineProperty(made, name, { value });
  return made;
}

let root, view, button, said, on, now, controller;

beforeEach(() => {
  root = new Thing();
  view = new Thing();
  button = new Thing("button");
  said = [];
  on = false;
  now = 0;
  controller = new AbortController();
  createTalkKeys({
    root,
    view,
    button,
    now: () => now,
    isOn: () => on,
    signal: controller.signal,
    on: {
      begin: () => {
        on = true;
        said.push("begin");
      },
      stay: () => said.push("stay"),
      end: () => {
        on = false;
        said.push("end");
      },
      cancel: () => {
        on = false;
        said.push("cancel");
      },
    },
  });
});

const key = (type, name, target = new Thing("body"), more = {}) => {
  const made = event(type, { key: name, target, ...more });
  root.dispatchEvent(made);
  return made;
};

test("holding space speaks, letting go sends", () => {
  key("keydown", " ");
  key("keydown", " ", new Thing("body"), { repeat: true });
  now = 900;
  key("keyup", " ");
  assert.deepEqual(said, ["begin", "end"]);
});

test("a tap on space stays on until the next", () => {
  key("keydown", " ");
  now = 100;
  key("keyup", " ");
  assert.deepEqual(said, ["begin", "stay"]);
  now = 5000;
  key("keydown", " ");
  now = 5050;
  key("keyup", " ");
  assert.deepEqual(said, ["begin", "stay", "end"]);
});

test("space does not scroll the page while it is the talk key", () => {
  assert.equal(key("keydown", " ").defaultPrevented, true);
});

test("space and Enter keep their meaning in fields, links, buttons and dialogs", () => {
  for (const place of ["textarea", "input", "a", "button", "summary", "dialog"]) {
    assert.equal(key("keydown", " ", new Thing(place)).defaultPrevented, false, place);
    key("keydown", "Enter", new Thing(place));
  }
  assert.deepEqual(said, []);
});

test("Enter begins and sends", () => {
  key("keydown", "Enter");
  key("keydown", "Enter");
  assert.deepEqual(said, ["begin", "end"]);
});

test("space and Enter work on the talk button itself", () => {
  key("keydown", " ", button);
  now = 500;
  key("keyup", " ", button);
  assert.deepEqual(said, ["begin", "end"]);
});

test("Escape cancels a recording, and is left alone where there is none", () => {
  assert.equal(key("keydown", "Escape").defaultPrevented, false);
  key("keydown", " ");
  assert.equal(key("keydown", "Escape").defaultPrevented, true);
  now = 800;
  key("keyup", " ");
  assert.deepEqual(said, ["begin", "cancel"]);
});

test("shortcuts of the browser are left alone", () => {
  key("keydown", " ", new Thing("body"), { ctrlKey: true });
  assert.deepEqual(said, []);
});

test("press and hold with a finger, or tap to toggle", () => {
  const press = () => button.dispatchEvent(event("pointerdown", { button: 0, pointerId: 1 }));
  const lift = () => button.dispatchEvent(event("pointerup", { button: 0 }));
  press();
  now = 700;
  lift();
  press();
  now = 800;
  lift();
  now = 4000;
  press();
  lift();
  assert.deepEqual(said, ["begin", "end", "begin", "stay", "end"]);
});

test("the click behind a pointer press is not a second press", () => {
  button.dispatchEvent(event("pointerdown", { button: 0 }));
  button.dispatchEvent(event("pointerup", { button: 0 }));
  button.dispatchEvent(event("click", { detail: 1 }));
  assert.deepEqual(said, ["begin", "stay"]);
});

test("a screen reader's click toggles", () => {
  button.dispatchEvent(event("click", { detail: 0 }));
  button.dispatchEvent(event("click", { detail: 0 }));
  assert.deepEqual(said, ["begin", "end"]);
});

test("a held key counts as released when the window loses focus; a tapped recording goes on", () => {
  key("keydown", " ");
  view.dispatchEvent(event("blur"));
  assert.deepEqual(said, ["begin", "end"]);
  key("keydown", " ");
  now += 50;
  key("keyup", " ");
  view.dispatchEvent(event("blur"));
  assert.deepEqual(said, ["begin", "end", "begin", "stay"]);
});

test("no key works after the room has closed", () => {
  controller.abort();
  key("keydown", " ");
  assert.deepEqual(said, []);
});

test("a double click is one tap", () => {
  for (const at of [0, 180]) {
    now = at;
    button.dispatchEvent(event("pointerdown", { button: 0, pointerId: 1 }));
    now = at + 60;
    button.dispatchEvent(event("pointerup", { button: 0, pointerId: 1 }));
  }
  assert.deepEqual(said, ["begin", "stay"]);
});

test("lifting a second finger does not release the first", () => {
  button.dispatchEvent(event("pointerdown", { button: 0, pointerId: 1 }));
  now = 900;
  button.dispatchEvent(event("pointerdown", { button: 0, pointerId: 2 }));
  button.dispatchEvent(event("pointerup", { button: 0, pointerId: 2 }));
  assert.deepEqual(said, ["begin"]);
  button.dispatchEvent(event("pointerup", { button: 0, pointerId: 1 }));
  assert.deepEqual(said, ["begin", "end"]);
});

test("a pointer that cannot be captured is watched on the window", () => {
  button.setPointerCapture = () => {
    throw new DOMException("", "NotFoundError");
  };
  button.dispatchEvent(event("pointerdown", { button: 0, pointerId: 1 }));
  now = 900;
  view.dispatchEvent(event("pointerup", { pointerId: 1 }));
  assert.deepEqual(said, ["begin", "end"]);
});

test("Firefox clicks a button when space is released, but not this one", () => {
  key("keydown", " ", button);
  now = 500;
  assert.equal(key("keyup", " ", button).defaultPrevented, true);
});

test("keys of a composition are not meant for talking", () => {
  key("keydown", " ", new Thing("body"), { isComposing: true });
  key("keydown", "Enter", new Thing("body"), { keyCode: 229 });
  assert.deepEqual(said, []);
});

test("a held key counts as released when the page is hidden", () => {
  key("keydown", " ");
  now = 900;
  root.visibilityState = "hidden";
  root.dispatchEvent(event("visibilitychange"));
  assert.deepEqual(said, ["begin", "end"]);
});
