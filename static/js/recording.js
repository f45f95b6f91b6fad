// Plays recordings whose links expire: an expired link is fetched again and playback resumes where it was.
// Only one recording plays at a time.

let sounding = null;
let rate = 1;
const players = new Set();

/** How fast every recording on this page plays from now on; the browser preserves the pitch. */
export function setRate(next) {
  rate = next;
  for (const audio of players) audio.defaultPlaybackRate = audio.playbackRate = next;
}

/**
 * `start(address, from)` plays from that many seconds, 0 by default, `resume()` continues; `address` redirects to a
 * fresh link on every request. `on.ended()`; `on.failed()` when the second try fails too; `on.paused()` when another
 * recording takes over.
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

  /** A refused link is reported twice, by the event and by `play`; the second report is stale. */
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

  players.add(audio);
  if (rate !== 1) audio.defaultPlaybackRate = audio.playbackRate = rate;
  audio.addEventListener("error", () => fault(attempt), { signal });
  audio.addEventListener("ended", () => wanted && on.ended(), { signal });
  signal.addEventListener("abort", () => {
    stop();
    players.delete(audio);
  });
  return {
    start(next, from = 0) {
      sound();
      address = next;
      return load(from);
    },
    resume() {
      sound();
      return play();
    },
    pause,
    stop,
  };
}
