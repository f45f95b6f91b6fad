// Feedback: announces its arrival, lets a quote show its turn and play it from its moment, and links each skill in the
// overview to its details.

import { announce } from "./announce.js";
import { createRecording } from "./recording.js";

const phases = new Map();
const told = new Map();

export function mount(element, { signal }) {
  tell(element);
  const sound = createSound({ problem: element.querySelector("[data-audio-problem]"), signal });
  element.addEventListener(
    "click",
    (event) => {
      const part = event.target.closest("[data-part]");
      if (part) return open(part.hash.slice(1));
      const link = event.target.closest("[data-jump]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return undefined;
      const shown = show(link.hash.slice(1));
      if (!shown && !link.dataset.audio) return undefined;
      event.preventDefault();
      if (link.dataset.audio) sound.toggle(link);
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

function createSound({ problem, signal }) {
  let playing = null;

  function silent() {
    if (playing) delete playing.dataset.playing;
    playing = null;
  }

  const recording = createRecording({
    audio: new Audio(),
    on: {
      ended: silent,
      paused: silent,
      failed: () => {
        silent();
        if (!problem) return;
        problem.hidden = false;
        announce(problem.textContent.trim());
      },
    },
    signal,
  });

  return {
    toggle(link) {
      const again = playing === link;
      recording.stop();
      silent();
      if (again) return;
      if (problem) problem.hidden = true;
      playing = link;
      link.dataset.playing = "";
      recording.start(link.dataset.audio, Number(link.dataset.from ?? 0));
    },
  };
}
