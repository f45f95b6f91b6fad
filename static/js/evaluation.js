// Feedback: announces its arrival, plays a quote from its moment, lets it show its turn, and links each skill in the
// overview to its details.

import { announce } from "./announce.js";
import { createTurnAudio } from "./turn-audio.js";

const phases = new Map();
const told = new Map();

export function mount(element, { signal }) {
  tell(element);
  const problem = element.querySelector("[data-audio-problem]");
  createTurnAudio({
    root: element,
    audio: new Audio(),
    on: {
      started: () => problem?.toggleAttribute("hidden", true),
      failed: () => {
        if (!problem) return;
        problem.hidden = false;
        announce(problem.textContent.trim());
      },
    },
    signal,
  });
  element.addEventListener(
    "click",
    (event) => {
      const part = event.target.closest("[data-part]");
      if (part) return open(part.hash.slice(1));
      const link = event.target.closest("[data-jump]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return undefined;
      if (show(link.hash.slice(1))) event.preventDefault();
      return undefined;
    },
    { signal },
  );
}

/** The phase is announced when it changes, not at each poll. */
function tell(element) {
  const { session, phase } = element.dataset;
  const before = phases.get(session);
  phases.set(session, phase);
  if (before !== undefined && before !== phase) {
    const words = element.querySelector("[data-announce]")?.dataset.announce;
    if (words && told.get(session) !== words) announce(words);
    told.set(session, words);
  }
}

/** Opens the disclosures around it, so that the link leads to something visible. */
function open(id) {
  for (let fold = document.getElementById(id)?.closest("details"); fold; fold = fold.parentElement.closest("details")) {
    fold.open = true;
  }
}

/** Scrolls to a turn and marks it; false if this page does not have it. */
function show(id) {
  const turn = document.getElementById(id);
  if (!turn) return false;
  for (const earlier of document.querySelectorAll("[data-shown]")) delete earlier.dataset.shown;
  turn.dataset.shown = "";
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  turn.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
  return true;
}
