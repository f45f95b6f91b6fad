// Playing recordings whose links expire: a link that has run out is fetched anew and playing goes on where it was.
// One recording sounds at a time, whoever plays it.

let sounding = null;

/**
 * `start(address)` plays from the beginning, `resume()` goes on; `address` leads to a fresh link each time it is asked.
 * `on.ended()`; `on.failed()` where a second try fails as well; `on.paused()` when another recording took over.
 */
export function createRecording({ audio, on, signal }) {
  let address = null;
  let wanted = false;
  let attempt = 0;
  let triedAgain = false;
  const self = { yield: () => (pause(), on.paused()) };

  async function play() {
    const mine = attempt;
    try {
      await audio.play();
    } catch (error) {
      if (error.name !== "AbortError") await fault(mine);
    }
  }

  /** A refused link is told twice, by the event and by `play`: whoever comes second is out of date. */
  async function fault(ofAttempt) {
    if (!wanted || ofAttempt !== attempt) return;
    if (triedAgain) {
      stop();
      on.failed();
      return;
    }
    triedAgain = true;
    await load(audio.currentTime);
  }

  function load(from) {
    attempt += 1;
    audio.src = address;
    if (from > 0) audio.currentTime = from;
    return play();
  }

  function sound() {
    if (sounding !== self) sounding?.yield();
    sounding = self;
    wanted = true;
    triedAgain = false;
  }

  function pause() {
    wanted = false;
    if (sounding === self) sounding = null;
    audio.pause();
  }

  function stop() {
    attempt += 1;
    pause();
  }

  audio.addEventListener("error", () => fault(attempt), { signal });
  audio.addEventListener("ended", () => wanted && on.ended(), { signal });
  signal.addEventListener("abort", stop);
  return {
    start(next) {
      sound();
      address = next;
      return load(0);
    },
    resume() {
      sound();
      return play();
    },
    pause,
    stop,
  };
}
