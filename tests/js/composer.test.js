import assert from "node:assert/strict";
import { test } from "node:test";
import { furnishComposer } from "../../static/js/composer.js";
import * as rules from "../../static/js/room-state.js";
import { say as wire } from "../../static/js/socket.js";
import { aiTurn, createTime, session, settled, traineeTurn } from "./stand-ins.js";

const LONG = "I have thought about what you said on Monday.";

/** sessionStorage of one tab. */
function createTab() {
  const kept = new Map();
  return { kept, getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) };
}

function element() {
  return Object.assign(new EventTarget(), { value: "", focused: 0, focus() { this.focused += 1; } });
}

// A page of the room whose other person has spoken. Reloaded, it is a new page in the same tab.
async function page(tab, { id = "s1", turns = [aiTurn(0)], online = true, typedBefore = "" } = {}) {
  const time = createTime(Date.parse("2026-11-22T12:00:00Z"));
  const sent = [];
  const field = Object.assign(element(), { value: typedBefore });
  const parts = { composer: Object.assign(element(), { querySelector: () => field }), "type-instead": element(), "speak-instead": element(), talk: element() };
  let typing = false;
  let composer = null;
  let room = rules.emptyRoom({ session: session({ id }), turns });
  const dispatch = (event) => {
    room = rules.reduce(room, { at: time.now(), ...event });
    composer?.follow(room);
  };
  const clock = { now: time.now, iso: () => new Date(time.now()).toISOString() };
  const send = (frame) => online && sent.push(JSON.parse(frame)) > 0;
  const shared = { given: { rules, wire, clock, timers: time }, room: () => room, dispatch, send, cutIn: async () => {}, input: { makeWay() {}, typedBy() {} } };
  const conversation = { typeWith: (create) => create(shared), type: (is) => (typing = is) };
  const listen = (target, type, handler) => target.addEventListener(type, handler);
  composer = furnishComposer(parts, conversation, listen, { storage: tab, sessionId: id, now: time.now, signal: new AbortController().signal });
  dispatch({ type: "link", link: "open", attempt: 0, everOpened: true });
  dispatch({ type: "session", session: session({ id }), turns, evaluation: null });

  return {
    field,
    sent,
    dispatch,
    frames: (type) => sent.filter((frame) => frame.type === type),
    isTyping: () => typing,
    write(words) {
      time.pass(1000);
      field.value = words;
      field.dispatchEvent(new Event("input"));
    },
    async enter() {
      field.dispatchEvent(Object.assign(new Event("keydown", { cancelable: true }), { key: "Enter" }));
      await settled();
    },
    async say(words) {
      this.write(words);
      await this.enter();
    },
    accepted: (sequence = 1) => dispatch({ type: "turn_accepted", receipt: { sessionId: id, turnId: `t${sequence}`, aiTurnId: null, status: "accepted" } }),
    refused: (sequence = 1) => dispatch({ type: "turn_rejected", sequence, code: "resend_turn", detail: "Send it again." }),
  };
}

test("a text that was sent into a dead network is in the field after a reload, and visible", async () => {
  const tab = createTab();
  const before = await page(tab);
  await before.say(LONG);
  assert.equal(before.field.value, "");
  for (let reloads = 0; reloads < 2; reloads += 1) {
    const after = await page(tab);
    assert.equal(after.field.value, LONG);
    assert.ok(after.isTyping());
  }
});

test("words typed while a text is on its way are kept behind it", async () => {
  const tab = createTab();
  const before = await page(tab, { online: false });
  await before.say(LONG);
  before.write("And another thing");
  assert.equal((await page(tab)).field.value, `${LONG}\nAnd another thing`);
});

test("words typed before the composer was loaded stay, behind the text that was sent", async () => {
  const tab = createTab();
  await (await page(tab)).say(LONG);
  assert.equal((await page(tab, { typedBefore: "Hello?" })).field.value, `${LONG}\nHello?`);
});

test("an accepted text is forgotten", async () => {
  const tab = createTab();
  const before = await page(tab);
  await before.say(LONG);
  before.accepted();
  assert.equal(tab.kept.size, 0);
  assert.equal((await page(tab, { turns: [aiTurn(0), traineeTurn(1)] })).field.value, "");
});

test("a text that was accepted while the page was away is not offered again", async () => {
  const tab = createTab();
  await (await page(tab)).say(LONG);
  const after = await page(tab, { turns: [aiTurn(0), traineeTurn(1, { transcript: LONG, asrStatus: null })] });
  assert.deepEqual([after.field.value, after.isTyping(), tab.kept.size], ["", false, 0]);
});

test("a text that is accepted only after the reload leaves the field again, and what was typed behind it stays", async () => {
  const tab = createTab();
  await (await page(tab)).say(LONG);
  const after = await page(tab);
  after.write(`${LONG}\nAnd`);
  after.accepted();
  after.dispatch({ type: "ai_turn_started", turnId: "t2", sequence: 2 });
  assert.equal(after.field.value, "And");
  after.dispatch({ type: "ai_turn", turn: aiTurn(2) });
  after.dispatch({ type: "sound_ended", sequence: 2 });
  after.write("And then");
  assert.equal(after.frames("turn_start").at(-1).sequence, 3);
});

test("a text sent again after a reload carries the number of the same turn, so the server takes it once", async () => {
  const tab = createTab();
  const before = await page(tab);
  await before.say(LONG);
  const after = await page(tab);
  await after.enter();
  const [first, second] = [before, after].map((one) => one.frames("turn_text"));
  assert.deepEqual([first.length, second.length, first[0].sequence, second[0].sequence], [1, 1, 1, 1]);
  assert.equal(after.field.value, "");
  after.refused();
  after.dispatch({ type: "take_dropped" });
  assert.equal(after.field.value, LONG);
});

test("a refused text that is dropped is back in the field, before what was typed since", async () => {
  const tab = createTab();
  const here = await page(tab);
  await here.say(LONG);
  here.write("Or");
  here.refused();
  assert.equal(here.field.value, "Or");
  here.dispatch({ type: "take_dropped" });
  assert.deepEqual([here.field.value, here.field.focused], [`${LONG}\nOr`, 2]);
  here.dispatch({ type: "link", link: "open", attempt: 0, everOpened: true });
  assert.equal(here.field.value, `${LONG}\nOr`);
  assert.equal((await page(tab)).field.value, `${LONG}\nOr`);
});

test("a refused text that is said in other words is replaced by them", async () => {
  const tab = createTab();
  const here = await page(tab);
  await here.say(LONG);
  here.refused();
  await here.say("Shorter.");
  assert.equal(here.field.value, "");
  here.accepted();
  assert.deepEqual([here.field.value, tab.kept.size], ["", 0]);
});

test("a refused text that is spoken instead is back in the field and stays there", async () => {
  const here = await page(createTab());
  await here.say(LONG);
  here.refused();
  here.dispatch({ type: "take_started", sequence: 1, startedAt: "2026-11-22T12:01:00Z" });
  assert.deepEqual([here.field.value, here.field.focused], [LONG, 1], "the focus stays with the recording");
  here.accepted();
  assert.equal(here.field.value, LONG);
});

test("a text that came back after a reload stays when its turn is spoken instead", async () => {
  const tab = createTab();
  await (await page(tab)).say(LONG);
  const after = await page(tab);
  after.dispatch({ type: "take_started", sequence: 1, startedAt: "2026-11-22T12:01:00Z" });
  after.accepted();
  assert.equal(after.field.value, LONG);
});

test("a lost connection is no reason to show the text twice", async () => {
  const here = await page(createTab());
  await here.say(LONG);
  here.dispatch({ type: "link", link: "lost", attempt: 1, everOpened: true });
  here.dispatch({ type: "take_unsent" });
  here.dispatch({ type: "session", session: session(), turns: [aiTurn(0)], evaluation: null });
  assert.equal(here.field.value, "");
});

for (const [end, event] of [
  ["ended", { type: "termination", termination: { reason: "manual", terminatedAt: "2026-11-22T12:02:00Z", latencyMs: 1 }, message: "" }],
  ["was erased", { type: "link", link: "gone", attempt: 0, everOpened: true }],
]) {
  test(`nothing typed stays in the browser once the session ${end}`, async () => {
    const tab = createTab();
    const here = await page(tab);
    await here.say(LONG);
    here.write("And");
    here.dispatch(event);
    assert.equal(tab.kept.size, 0);
  });
}

test("a draft does not appear in another session, and is forgotten there", async () => {
  const tab = createTab();
  const one = await page(tab);
  one.write(LONG);
  const other = await page(tab, { id: "s2" });
  assert.deepEqual([other.field.value, other.isTyping(), tab.kept.size], ["", false, 0]);
});

test("where the browser forbids storage a dropped text is back in the field", async () => {
  const here = await page(undefined);
  await here.say(LONG);
  here.refused();
  here.dispatch({ type: "take_dropped" });
  assert.equal(here.field.value, LONG);
});
