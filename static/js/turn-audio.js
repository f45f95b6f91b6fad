// Replays what was said: a [data-play] element within `root` plays its URL, from `data-from` seconds on, one at a time, and
// stops when pressed again.

import { createRecording } from "./recording.js";

/**
 * `on.started()`, if given, when one begins; `on.failed()` if it cannot be played. Ends with `signal`. Returns `{stop}`.
 * A root within another one answers for its own elements.
 */
export function createTurnAudio({ root, audio, on, signal }) {
  let playing = null;

  function show(element, is) {
    if (element === null) return;
    if (element.hasAttribute("aria-pressed")) element.setAttribute("aria-pressed", String(is));
    element.closest("[data-line]")?.toggleAttribute("data-playing", is);
  }

  function silent() {
    show(playing, false);
    playing = null;
  }

  const recording = createRecording({
    audio,
    on: {
      ended: silent,
      paused: silent,
      failed: () => {
        silent();
        on.failed();
      },
    },
    signal,
  });

  function stop() {
    recording.stop();
    silent();
  }

  root.addEventListener(
    "click",
    (event) => {
      const element = event.target.closest?.("[data-play]");
      if (!element || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const again = element === playing;
      stop();
      if (again) return;
      playing = element;
      show(element, true);
      on.started?.();
      recording.start(element.dataset.play, Number(element.dataset.from ?? 0));
    },
    { signal },
  );
  signal.addEventListener("abort", stop);
  return { stop };
}
