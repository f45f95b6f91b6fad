// Plays a series of recordings as one: which is playing, which is next. Knows nothing of the page.

import { createRecording } from "./recording.js";

/** `addresses` in order; `on.place(index)`, `on.playing(is)`, `on.failed(index)`, `on.finished()`. */
export function createPlayThrough({ addresses, audio, on, signal }) {
  let place = 0;
  let wanted = false;
  let begun = false;

  const recording = createRecording({
    audio,
    on: {
      ended: advance,
      paused: quiet,
      failed: () => {
        on.failed(place);
        return advance();
      },
    },
    signal,
  });

  function play(index, from = 0) {
    place = Math.max(0, Math.min(addresses.length - 1, index));
    wanted = true;
    begun = true;
    on.place(place);
    on.playing(true);
    return recording.start(addresses[place], from);
  }

  function advance() {
    if (!wanted) return undefined;
    if (place + 1 < addresses.length) return play(place + 1);
    halt();
    place = 0;
    begun = false;
    on.finished();
    return undefined;
  }

  function quiet() {
    wanted = false;
    on.playing(false);
  }

  function halt() {
    recording.pause();
    quiet();
  }

  function resume() {
    if (!begun) return play(place);
    wanted = true;
    on.playing(true);
    return recording.resume();
  }

  signal.addEventListener("abort", halt);
  return {
    toggle: () => (wanted ? halt() : resume()),
    next: () => play(place + 1),
    previous: () => play(place - 1),
    play,
    place: () => place,
  };
}
