// Replays earlier lines: a [data-play] element within `root` plays its URL, one at a time, and stops when pressed again.

import { createRecording } from "./recording.js";

/** `on.failed()` if the recording cannot be played. Ends with `signal`. Returns `{stop}`. */
export function createTurnAudio({ root, audio, on, signal }) {
  let playing = null;

  function show(element, is) {
    if (element === null) return;
    element.setAttribute("aria-pressed", String(is));
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
      if (!element) return;
      event.preventDefault();
      const again = element === playing;
      stop();
      if (again) return;
      playing = element;
      show(element, true);
      recording.start(element.dataset.play);
    },
    { signal },
  );
  signal.addEventListener("abort", stop);
  return { stop };
}
