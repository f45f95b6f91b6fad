// The strip of a conversation: pressing a turn plays from there; a line moves along with what is heard.

import { createRecording } from "./recording.js";

export function mount(element, { signal }) {
  const drawing = element.querySelector("svg");
  const head = drawing?.querySelector(".strip-head");
  if (!head) return;
  const turns = new Map([...drawing.querySelectorAll("[data-sequence]")].map((turn) => [turn.dataset.sequence, turn]));
  const audio = new Audio();
  let own = null;
  const quiet = () => head.setAttribute("visibility", "hidden");
  const recording = createRecording({ audio, on: { ended: quiet, paused: quiet, failed: quiet }, signal });

  function show({ sequence, seconds }) {
    const turn = turns.get(sequence);
    if (!turn) return;
    const { begins, lasts } = numbers(turn);
    const box = turn.querySelector("rect");
    const share = Math.min(1, Math.max(0, (seconds * 1000 - begins) / lasts));
    const x = Number(box.getAttribute("x")) + share * Number(box.getAttribute("width"));
    head.setAttribute("x1", x);
    head.setAttribute("x2", x);
    head.setAttribute("visibility", "visible");
  }

  function press(event) {
    const turn = event.target.closest("[data-sequence]") ?? nearest(turns.values(), event.clientX);
    if (!turn) return;
    const { begins, lasts } = numbers(turn);
    const box = turn.querySelector("rect").getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    const detail = { sequence: turn.dataset.sequence, from: (begins + share * lasts) / 1000 };
    // If the page has a bar that plays the whole conversation, it takes over from there.
    if (!document.dispatchEvent(new CustomEvent("coach:hear", { detail, cancelable: true }))) return;
    own = detail.sequence;
    recording.start(turn.dataset.audio, detail.from);
  }

  const listen = (target, type, handler) => target.addEventListener(type, handler, { signal });
  listen(drawing, "click", press);
  listen(document, "coach:heard", (event) => show(event.detail));
  listen(audio, "timeupdate", () => show({ sequence: own, seconds: audio.currentTime }));
}

function numbers(turn) {
  return { begins: Number(turn.dataset.begins), lasts: Math.max(1, Number(turn.dataset.lasts)) };
}

/** A finger need not hit a short turn exactly. */
function nearest(turns, x) {
  const distance = (turn) => {
    const { left, right } = turn.querySelector("rect").getBoundingClientRect();
    return Math.max(left - x, x - right, 0);
  };
  return [...turns].sort((one, other) => distance(one) - distance(other))[0];
}
