// The bar that plays a whole conversation and shows which line is on.

import { announce } from "../announce.js";
import { createPlayThrough } from "../play-through.js";

export function mount(element, { signal }) {
  const plays = [...document.querySelectorAll("[data-lines] [data-play]")];
  if (plays.length === 0) return;
  const lines = plays.map((button) => button.closest("[data-line]"));
  const toggle = element.querySelector("[data-toggle]");
  const place = element.querySelector("[data-place]");
  const progress = element.querySelector("progress");

  function mark(index) {
    for (const line of lines) line.toggleAttribute("data-playing", line === lines[index]);
  }

  const through = createPlayThrough({
    addresses: plays.map((button) => button.dataset.play),
    audio: element.querySelector("[data-through]"),
    on: {
      place: (index) => {
        mark(index);
        lines[index].scrollIntoView({ block: "nearest" });
        place.textContent = place.dataset.words.replace("{line}", index + 1).replace("{lines}", plays.length);
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
  toggle.addEventListener("click", through.toggle, { signal });
  element.querySelector("[data-next]").addEventListener("click", through.next, { signal });
  element.querySelector("[data-previous]").addEventListener("click", through.previous, { signal });
  element.hidden = false;
}
