import assert from "node:assert/strict";
import { test } from "node:test";

import { choices, createSession, mount, wordsFor } from "../../static/js/start.js";

const NOW = Date.parse("2026-03-01T12:00:00Z");

// A server that gives these answers in order and records the requests.
function server(...answers) {
  const asked = [];
  const fetch = async (url, { body }) => {
    asked.push(JSON.parse(body));
    const { ok = false, ...content } = answers[Math.min(asked.length, answers.length) - 1];
    return { ok, json: async () => content };
  };
  return { asked, fetch, now: () => NOW };
}

test("a session is requested with this computer's time", async () => {
  const here = server({ ok: true, id: "s1" });
  const session = await createSession("/api/sessions", { scenarioId: "a" }, here);
  assert.equal(session.id, "s1");
  assert.deepEqual(here.asked, [{ scenarioId: "a", clientSessionStartedAt: "2026-03-01T12:00:00.000Z" }]);
});

test("a wrong clock is corrected on the next attempt", async () => {
  const here = server({ code: "clock_drift", driftSeconds: 3600 }, { ok: true, id: "s1" });
  await createSession("/api/sessions", {}, here);
  assert.equal(here.asked[1].clientSessionStartedAt, "2026-03-01T11:00:00.000Z");
});

test("a clock that never agrees is given up after three tries, in the server's words", async () => {
  const here = server({ code: "clock_drift", driftSeconds: 10, detail: "Set your clock." });
  await assert.rejects(createSession("/api/sessions", {}, here), (error) => error.problem.detail === "Set your clock.");
  assert.equal(here.asked.length, 3);
});

test("any other refusal is shown at once", async () => {
  const here = server({ detail: "All places are taken." });
  await assert.rejects(createSession("/api/sessions", {}, here));
  assert.equal(here.asked.length, 1);
});

test("while models are loading it waits, shows their progress, and continues by itself", async () => {
  const loading = { code: "models_loading", progress: 0.25 };
  const here = server(loading, { ...loading, progress: 0.75 }, { code: "clock_drift", driftSeconds: 1 }, { ok: true, id: "s1" });
  const told = [];
  const session = await createSession("/api/sessions", {}, { ...here, pause: async () => {}, onWait: (far) => told.push(far) });
  assert.equal(session.id, "s1");
  assert.deepEqual(told, [0.25, 0.75]);
});

test("leaving the page while it waits stops it", async () => {
  const here = server({ code: "models_loading", progress: 0 });
  const left = new AbortController();
  const pause = async () => left.abort();
  await assert.rejects(createSession("/api/sessions", {}, { ...here, pause, signal: left.signal }));
  assert.equal(here.asked.length, 1);
});

test("choices beside the button are sent by their names", () => {
  const checked = [{ name: "difficulty", value: "tough" }];
  const element = { querySelectorAll: (what) => (what === "input:checked[name]" ? checked : []) };
  assert.deepEqual(choices(element), { difficulty: "tough" });
});

test("a page that comes back from the browser's cache can start again", () => {
  const attributes = new Map([["aria-disabled", "true"]]);
  const button = Object.assign(new EventTarget(), {
    setAttribute: (name, value) => attributes.set(name, value),
    getAttribute: (name) => attributes.get(name) ?? null,
  });
  const element = { querySelector: (selector) => (selector === "[data-start]" ? button : null) };
  const page = new EventTarget();
  globalThis.addEventListener = page.addEventListener.bind(page);
  const life = new AbortController();
  mount(element, { signal: life.signal });
  page.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: false }));
  assert.equal(attributes.get("aria-disabled"), "true");
  page.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  assert.equal(attributes.get("aria-disabled"), "false");
  life.abort();
  delete globalThis.addEventListener;
});

test("an answer from another server counts as no answer", () => {
  const words = { full: "Full.", offline: "No answer." };
  assert.equal(wordsFor(new TypeError("fetch failed"), words), "No answer.");
  assert.equal(wordsFor({ problem: { error: "bad gateway" } }, words), "No answer.");
  assert.equal(wordsFor({ problem: { code: "capacity", detail: "pilot capacity exceeded" } }, words), "Full.");
  assert.equal(wordsFor({ problem: { detail: "All places are taken." } }, words), "All places are taken.");
});
