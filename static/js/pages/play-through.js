// The bar that plays a whole conversation at the chosen speed and shows the current line.

import { allowed } from "../browser-feature.js";
import { announce } from "../announce.js";
import { createPlayThrough } from "../play-through.js";
import { setRate } from "../recording.js";

const SPEED = "playback-speed";

export function mount(element, { signal }) {
  // Looked up each time: a corrected line is a new element.
  const plays = () => [...document.querySelectorAll("[data-lines] [data-play]")];
  const lines = () => plays().map((button) => button.closest("[data-line]"));
  const count = plays().length;
  if (count === 0) return;
  const audio = element.querySelector("[data-through]");
  const toggle = element.querySelector("[data-toggle]");
  const place = element.querySelector("[data-place]");
  const progress = element.querySelector("progress");

  function mark(index) {
    for (const [at, line] of lines().entries()) line.toggleAttribute("data-playing", at === index);
  }

  const through = createPlayThrough({
    addresses: plays().map((button) => button.dataset.play),
    audio,
    on: {
      place: (index) => {
        mark(index);
        lines()[index].scrollIntoView({ block: "nearest" });
        place.textContent = place.dataset.words.replace("{line}", index + 1).replace("{lines}", count);
        progress.value = index + 1;
      },
      playing: (is) => toggle.setAttribute("aria-pressed", String(is)),
      failed: () => announce(element.dataset.wordsFailed),
      finished: () => {
        mark(-1);
        progress.value = 0;
      },
    },
    signal,
  });
  const listen = (target, type, handler) => target.addEventListener(type, handler, { signal });
  listen(toggle, "click", through.toggle);
  listen(element.querySelector("[data-next]"), "click", through.next);
  listen(element.querySelector("[data-previous]"), "click", through.previous);
  // The conversation's strip asks to play from a moment, and is told the progress.
  listen(document, "coach:hear", (event) => {
    const index = lines().findIndex((line) => line.dataset.sequence === event.detail.sequence);
    if (index < 0) return;
    event.preventDefault();
    through.play(index, event.detail.from);
  });
  listen(audio, "timeupdate", () => {
    const { sequence } = lines()[through.place()].dataset;
    document.dispatchEvent(new CustomEvent("coach:heard", { detail: { sequence, seconds: audio.currentTime } }));
  });
  rememberSpeed(element.querySelector("[data-speed]"), listen);
  signal.addEventListener("abort", () => setRate(1));
  element.hidden = false;
}

function rememberSpeed(select, listen) {
  const storage = allowed("localStorage");
  const kept = storage?.getItem(SPEED);
  if ([...select.options].some((option) => option.value === kept)) select.value = kept;
  const use = () => setRate(Number(select.value));
  listen(select, "change", () => {
    use();
    try {
      storage?.setItem(SPEED, select.value);
    } catch {
      // storage is full or forbidden: it lasts as long as the page
    }
  });
  use();
}
