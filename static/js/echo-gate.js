// Tells the trainee's voice from the AI's own, which the microphone hears from the loudspeaker.
// Browsers' echo cancellation does not reliably cover WebAudio output, so the level decides.

const REMEMBERED = 12; // frames: an echo comes up to 0.4 s after it was played
const HISTORY = 160; // frames with the loudspeaker on, 5 s
const ENOUGH = 16; // frames before the ratio is known
const ENOUGH_FOR_DELAY = 48; // frames before the delay of the echo is looked for
const LAGS = REMEMBERED - 1;
const LIKE = 0.6; // correlation of the two levels from which the delay counts as known
const VARIES = 0.3; // standard deviation of the loudspeaker's level over its mean: less shows no delay
const FADES = 0.75; // per frame: what is left of a sound in a room that takes 0.75 s to fall silent
const PLAYING = 0.004; // root mean square of the loudspeaker's signal that counts as sound
const TELLS = 0.016; // that is loud enough for its ratio to tell something
const MARGIN = 2; // 6 dB above the echo is a person in the room
const FLOOR = 0.004; // a voice quieter than this is not heard over the loudspeaker
const AUDIBLE = 0.12; // a ratio of microphone to loudspeaker that headphones stay below

/** Levels are root mean squares, 0..1, of frames of 32 ms. */
export function createEchoGate() {
  let played = []; // the loudspeaker's latest levels, the newest first
  let alone = []; // {level, played} of frames while nobody spoke over it
  let doubtful = []; // the same of frames taken for the trainee's
  let over = false; // the loudspeaker has been silent since then
  let delay = null; // frames from the loudspeaker to the microphone
  let coupling = null; // microphone to loudspeaker

  function learn(frame) {
    alone = [...alone.slice(1 - HISTORY), frame];
    if (alone.length < ENOUGH) return;
    if (alone.length >= ENOUGH_FOR_DELAY) delay = delayOf(alone);
    const ratios = alone
      .map((each) => ({ level: each.level, theirs: audible(each.played, delay) }))
      .filter(({ theirs }) => theirs >= TELLS)
      .map(({ level, theirs }) => level / theirs)
      .sort((one, other) => one - other);
    if (ratios.length >= ENOUGH) coupling = ratios[Math.floor(ratios.length * 0.9)];
  }

  return {
    /** Whether a frame of the microphone may be nothing but the loudspeaker. True until the ratio of the two is known. */
    masks(level, theirLevel, voiced) {
      played = [theirLevel, ...played.slice(0, REMEMBERED - 1)];
      if (Math.max(...played) < PLAYING) {
        over = true;
        return false;
      }
      if (over) [over, doubtful] = [false, []];
      const masked = coupling === null || level <= Math.max(FLOOR, audible(played, delay) * coupling * MARGIN);
      if (masked || !voiced) learn({ level, played });
      else doubtful = [...doubtful.slice(1 - HISTORY), { level, played }];
      return masked;
    },

    /** What was taken for the trainee was the loudspeaker, which has become louder: learn from it. */
    wasFooled() {
      for (const frame of doubtful) learn(frame);
      doubtful = [];
    },

    isAudible: () => coupling !== null && coupling > AUDIBLE,
  };
}

// The loudest that may be heard now of what was played: what arrives now, and what is left of what came before.
function audible(played, delay) {
  if (delay === null) return Math.max(...played);
  return Math.max(...played.slice(Math.max(0, delay - 1)).map((level, at) => level * FADES ** Math.max(0, at - 2)));
}

// The delay at which the microphone's levels follow the loudspeaker's; null if they do not, or if it plays one level.
function delayOf(frames) {
  let [best, found] = [LIKE, null];
  for (let lag = 0; lag < LAGS; lag += 1) {
    const pairs = frames.filter(({ played }) => played.length > lag).map(({ level, played }) => [level, played[lag]]);
    const like = correlation(pairs);
    if (like > best) [best, found] = [like, lag];
  }
  return found;
}

// Of the microphone's and the loudspeaker's levels; 0 if the latter hardly vary.
function correlation(pairs) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mine, theirs] = [mean(pairs.map(([level]) => level)), mean(pairs.map(([, level]) => level))];
  let [both, one, other] = [0, 0, 0];
  for (const [level, their] of pairs) {
    both += (level - mine) * (their - theirs);
    one += (level - mine) ** 2;
    other += (their - theirs) ** 2;
  }
  const steady = Math.sqrt(other / pairs.length) < VARIES * theirs;
  return steady || !one ? 0 : both / Math.sqrt(one * other);
}
