// The microphone check beside Start.

import { audioContext, unlock } from "../audio-context.js";
import { listen } from "../microphone-check.js";
import { microphonePermission, problemOf } from "../microphone.js";

const HEARD = 0.35;
const HEARD_TIMES = 8;
const SILENT_AFTER_MS = 4000;

export function mount(element, { signal }) {
  const button = element.querySelector("[data-check]");
  const bars = [...element.querySelectorAll(".microphone-level > span")];
  let check = null;

  const show = (state, problem = "") => {
    element.dataset.state = state;
    for (const words of element.querySelectorAll("[data-words]")) words.hidden = words.dataset.words !== state;
    for (const help of element.querySelectorAll("[data-problem]")) help.hidden = help.dataset.problem !== problem;
  };

  const press = (on) => {
    button.setAttribute("aria-pressed", String(on));
    element.querySelector("[data-label-idle]").hidden = on;
    element.querySelector("[data-label-on]").hidden = !on;
  };

  const paint = (level) => {
    const lit = Math.round(level * bars.length);
    bars.forEach((bar, index) => bar.classList.toggle("lit", index < lit));
  };

  const stop = (state = "idle", problem = "") => {
    check?.abort();
    check = null;
    paint(0);
    press(false);
    show(state, problem);
  };

  const start = async () => {
    const context = unlock();
    const mine = new AbortController();
    check = mine;
    press(true);
    show("asking");
    let loud = 0;
    const onLevel = (level) => {
      paint(level);
      if (level < HEARD) return;
      loud += 1;
      if (loud === HEARD_TIMES) show("heard");
    };
    try {
      await listen({
        mediaDevices: navigator.mediaDevices,
        context: context ?? audioContext(),
        permission: () => microphonePermission({ permissions: navigator.permissions }),
        onLevel,
        onEnded: (kind) => stop("problem", kind),
        onMuted: (is) => show(is ? "muted" : "live"),
        signal: mine.signal,
      });
      if (mine.signal.aborted) return;
      if (loud < HEARD_TIMES && element.dataset.state === "asking") show("live");
      const silence = setTimeout(() => element.dataset.state === "live" && show("silent"), SILENT_AFTER_MS);
      mine.signal.addEventListener("abort", () => clearTimeout(silence));
    } catch (error) {
      if (mine.signal.aborted) return;
      stop("problem", problemOf(error));
    }
  };

  button.addEventListener("click", () => (check ? stop() : start()), { signal });
  // The room opens the microphone for itself.
  document.addEventListener("coach:starting", () => stop(), { signal });
  signal.addEventListener("abort", () => check?.abort());
  button.disabled = false;
}
