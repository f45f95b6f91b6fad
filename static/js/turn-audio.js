// Hearing an earlier line again: any [data-play] element within `root` plays its address, one at a time, and pauses when pressed again.

/** `on.failed()` where the recording cannot be had. Ends with `signal`. Returns `{stop}`. */
export function createTurnAudio({ root, audio, on, signal }) {
  let playing = null;

  function show(element, is) {
    if (element === null) return;
    element.setAttribute("aria-pressed", String(is));
    element.closest("[data-line]")?.toggleAttribute("data-playing", is);
  }

  function stop() {
    audio.pause();
    show(playing, false);
    playing = null;
  }

  root.addEventListener(
    "click",
    async (event) => {
      const element = event.target.closest?.("[data-play]");
      if (!element) return;
      event.preventDefault();
      const again = element === playing;
      stop();
      if (again) return;
      playing = element;
      show(element, true);
      audio.src = element.dataset.play;
      try {
        await audio.play();
      } catch (error) {
        if (playing !== element || error.name === "AbortError") return;
        stop();
        on.failed();
      }
    },
    { signal },
  );
  audio.addEventListener("ended", stop, { signal });
  signal.addEventListener("abort", stop);
  return { stop };
}
