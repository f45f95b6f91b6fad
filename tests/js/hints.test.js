import assert from "node:assert/strict";
import { test } from "node:test";

import { createHints, hintsOf } from "../../static/js/hints.js";
import { settled } from "./stand-ins.js";

function element() {
  const target = new EventTarget();
  return Object.assign(target, {
    textContent: "",
    hidden: true,
    attributes: {},
    setAttribute(name, value) {
      this.attributes[name] = value;
    },
    removeAttribute(name) {
      delete this.attributes[name];
    },
    contains: () => false,
    focus() {},
  });
}

function hintsIn(scene, fetchHint) {
  const parts = Object.fromEntries(["ask", "card", "words", "example", "more", "close"].map((name) => [name, element()]));
  const root = Object.assign(new EventTarget(), { activeElement: null });
  const said = [];
  const room = { scene };
  const hints = createHints({
    parts,
    root,
    fetchHint,
    scene: () => room.scene,
    say: (key) => key,
    announce: (words) => said.push(words),
    signal: new AbortController().signal,
  });
  return { parts, root, said, room, hints };
}

function press(root, key, target = {}) {
  const event = Object.assign(new Event("keydown", { cancelable: true }), { key, repeat: false });
  Object.defineProperty(event, "target", { value: { closest: () => null, ...target } });
  root.dispatchEvent(event);
  return event;
}

test("the first press shows the hint, the second an example", async () => {
  const asked = [];
  const { parts, root } = hintsIn("yours", async (example) => {
    asked.push(example);
    return { hint: "Ask what is behind it.", example: example ? "What gets in your way?" : null };
  });
  press(root, "h");
  await settled();
  assert.equal(parts.card.hidden, false);
  assert.equal(parts.words.textContent, "Ask what is behind it.");
  assert.equal(parts.example.hidden, true);
  press(root, "H");
  await settled();
  assert.deepEqual(asked, [false, true]);
  assert.equal(parts.example.textContent, "“What gets in your way?”");
  assert.equal(parts.more.hidden, true);
});

test("after a failed request the next press asks for the hint, not for the words to say", async () => {
  const asked = [];
  const { parts, root } = hintsIn("yours", async (example) => {
    asked.push(example);
    if (asked.length === 1) throw { detail: "Not reachable." };
    return { hint: "Ask what is behind it.", example: null };
  });
  press(root, "h");
  await settled();
  assert.equal(parts.words.textContent, "Not reachable.");
  press(root, "h");
  await settled();
  assert.deepEqual(asked, [false, false]);
  assert.equal(parts.more.hidden, false);
});

test("H typed into a field is only a letter", async () => {
  const { parts, root } = hintsIn("typing", async () => assert.fail("not asked for"));
  assert.equal(press(root, "h", { closest: () => ({}) }).defaultPrevented, false);
  await settled();
  assert.equal(parts.card.hidden, true);
});

test("while the other person speaks no hint is fetched, and a notice says why", async () => {
  const { said, root } = hintsIn("speaking", async () => assert.fail("not asked for"));
  press(root, "h");
  await settled();
  assert.deepEqual(said, ["coach.later"]);
});

test("a hint disappears with its turn", async () => {
  const { parts, room, hints, root } = hintsIn("yours", async () => ({ hint: "Try this.", example: null }));
  press(root, "h");
  await settled();
  room.scene = "recording";
  hints.sceneChanged();
  assert.equal(parts.card.hidden, false);
  room.scene = "sending";
  hints.sceneChanged();
  assert.equal(parts.card.hidden, true);
  assert.equal(parts.ask.attributes["aria-disabled"], "true");
});

test("a refusal and a lost connection are explained in words", async () => {
  const refused = hintsIn("yours", async () => {
    throw { detail: "Not now." };
  });
  press(refused.root, "h");
  await settled();
  assert.equal(refused.parts.words.textContent, "Not now.");
  const lost = hintsIn("yours", async () => {
    throw new TypeError("failed to fetch");
  });
  press(lost.root, "h");
  await settled();
  assert.equal(lost.parts.words.textContent, "coach.failed");
});

test("the server's refusal is shown in its own words", async () => {
  const fetch = async (url, { body }) => ({ ok: false, json: async () => ({ detail: `${url} ${body}` }) });
  await assert.rejects(hintsOf("/hints", fetch)(true), { detail: '/hints {"example":true}' });
});
