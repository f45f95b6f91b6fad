// Starting a session from a page: on a scenario, as "practise again" and as "retry".
//
// <div data-module="start" data-url="/api/sessions" data-body='{"scenarioId": "…"}' data-room="/sessions/ID/">
//   <input type="radio" name="difficulty" value="tough">  a checked input is sent under its name
//   <button data-start>…</button>  <p data-start-status hidden>…</p>  and components/start_messages.html
// The address of the room is data-room with ID replaced. What went wrong is told in the words of the answer. While the
// models of the server's machine are still being loaded it waits, shows how far they are, and then goes on by itself.

import { announce } from "./announce.js";
import { unlock } from "./audio-context.js";
import { within } from "./deadline.js";
import { stylesOf } from "./page-styles.js";

const TRIES = 3;
const ASK_AGAIN_SECONDS = 5;
const ANSWER_MS = 30_000;
const SWAP_SECONDS = 2;

export function mount(element, { signal }) {
  const button = element.querySelector("[data-start]") ?? element;
  button.addEventListener("click", () => start(element, button, signal), { signal });
  // Back from the room, the browser may show this page as it was left: still starting.
  globalThis.addEventListener("pageshow", ({ persisted }) => persisted && busy(element, button, false), { signal });
  button.disabled = false;
}

async function start(element, button, signal) {
  if (button.getAttribute("aria-disabled") === "true") return;
  // Before anything is awaited: Safari unlocks sound only inside the click itself.
  unlock();
  element.dispatchEvent(new CustomEvent("coach:starting", { bubbles: true }));
  busy(element, button, true);
  const styled = stylesOf("room");
  try {
    const onWait = (progress) => showWait(element, progress);
    const body = { ...JSON.parse(element.dataset.body || "{}"), ...choices(element) };
    const session = await createSession(element.dataset.url, body, { onWait, signal });
    await styled;
    await enter(element.dataset.room.replace("ID", encodeURIComponent(session.id)), signal);
  } catch (error) {
    if (signal.aborted) return; // the page has moved on
    tell(element, wordsFor(error, element.dataset));
    busy(element, button, false);
  }
}

// What was chosen beside the button, by name.
export function choices(element) {
  const checked = [...element.querySelectorAll("input:checked[name]")];
  return Object.fromEntries(checked.map(({ name, type, value }) => [name, type === "checkbox" ? true : value]));
}

// The server's own words, except if it is full: that API text is written for programs.
export function wordsFor(error, { full, offline }) {
  if (!error.problem?.detail) return offline; // nothing came, or a proxy's answer
  return error.problem.code === "capacity" && full ? full : error.problem.detail;
}

function busy(element, button, is) {
  button.setAttribute("aria-disabled", String(is));
  button.setAttribute("aria-busy", String(is));
  const status = element.querySelector("[data-start-status]");
  if (status) status.hidden = !is;
  if (is) hideProblem(element);
  hide(element.querySelector("[data-start-wait]"));
}

class StartRefused extends Error {
  constructor(problem) {
    super(problem.title ?? "refused");
    this.problem = problem;
  }
}

// This computer's clock may be wrong by hours: the server says by how much, and the next attempt corrects for it.
export async function createSession(url, body, options = {}) {
  const { fetch = globalThis.fetch, now = Date.now, pause = seconds, onWait = () => {}, signal } = options;
  let drift = 0;
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    const clientSessionStartedAt = new Date(now() - drift).toISOString();
    const [answer, content] = await within(ANSWER_MS, async () => {
      const response = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify({ ...body, clientSessionStartedAt }),
      });
      return [response, await response.json()];
    });
    if (answer.ok) return content;
    if (content.code === "models_loading") {
      onWait(content.progress);
      await pause(ASK_AGAIN_SECONDS);
      attempt -= 1;
      continue;
    }
    if (content.code !== "clock_drift" || attempt === TRIES) throw new StartRefused(content);
    drift += content.driftSeconds * 1000;
  }
}

// The page is swapped, not loaded, so that the sound unlocked by the click stays unlocked. If the swap fails, the page
// is loaded.
async function enter(url, signal) {
  if (globalThis.htmx) {
    try {
      await within(ANSWER_MS, () => globalThis.htmx.ajax("GET", url, { target: "#site", select: "#site", swap: "outerHTML", push: url }));
      await seconds(SWAP_SECONDS);
    } catch {
      // no answer: load the page, the browser may get one or shows why not
    }
    if (signal.aborted) return; // this page has been replaced by the room
  }
  location.assign(url);
}

function tell(element, words) {
  announce(words, { assertive: true });
  const problem = element.querySelector("[data-start-problem]");
  if (!problem) return;
  problem.querySelector("[data-words]").textContent = words;
  problem.hidden = false;
}

function showWait(element, progress) {
  const wait = element.querySelector("[data-start-wait]");
  if (!wait) return;
  wait.querySelector("[data-start-progress]").value = progress;
  if (!wait.hidden) return;
  wait.hidden = false;
  announce(wait.querySelector("p").textContent);
}

function hideProblem(element) {
  hide(element.querySelector("[data-start-problem]"));
}

function hide(part) {
  if (part) part.hidden = true;
}

function seconds(count) {
  return new Promise((resolve) => setTimeout(resolve, count * 1000));
}
