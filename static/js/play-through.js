// Playing a row of recordings as one: which is on, what comes next. Knows nothing of the page.

/** `addresses` in order; `on.place(index)`, `on.playing(is)`, `on.failed(index)`, `on.finished()`. */
export function createPlayThrough({ addresses, audio, on, signal }) {
  let place = 0;
  let wanted = false;

  async function play(index = place) {
    place = Math.max(0, Math.min(addresses.length - 1, index));
    wanted = true;
    on.place(place);
    on.playing(true);
    // Each address leads to a fresh link, so none has expired by the time its turn comes.
    audio.src = addresses[place];
    try {
      await audio.play();
    } catch (error) {
      if (error.name !== "AbortError") skip();
    }
  }

  function skip() {
    on.failed(place);
    advance();
  }

  function advance() {
    if (!wanted) return;
    if (place + 1 < addresses.length) play(place + 1);
    else {
      pause();
      place = 0;
      on.finished();
    }
  }

  function pause() {
    wanted = false;
    audio.pause();
    on.playing(false);
  }

  async function resume() {
    if (!audio.src || audio.ended) return play(place);
    wanted = true;
    on.playing(true);
    try {
      await audio.play();
    } catch (error) {
      if (error.name !== "AbortError") await play(place);
    }
  }

  audio.addEventListener("ended", advance, { signal });
  signal.addEventListener("abort", pause);
  return {
    toggle: () => (wanted ? pause() : resume()),
    pause,
    next: () => play(place + 1),
    previous: () => play(place - 1),
  };
}
