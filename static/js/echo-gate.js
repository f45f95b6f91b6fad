// Tells the trainee's voice from the AI's own, which the microphone hears from the loudspeaker.
// Browsers' echo cancellation does not reliably cover WebAudio output, so the level decides.

const REMEMBERED = 12; // frames: an echo comes up to 0.4 s after it was played
const HISTORY = 160; // frames with the loudspeaker on, 5 s
const ENOUGH = 16; // frames before the ratio is known
const PLAYING = 0.004; // root mean square of the loudspeaker's signal that counts as sound
const MARGIN = 2; // 6 dB above the echo is a person in the room
const FLOOR = 0.004; // a voice quieter than this is not heard over the loudspeaker
const AUDIBLE = 0.12; // a ratio of microphone to loudspeaker that headphones stay below

/** Levels are root mean squares, 0..1, of frames of 32 ms. */
export function createEchoGate() {
  let played = []; // the loudspeaker's latest levels
  let ratios = []; // microphone to loudspeaker, while nobody spoke over it
  let doubtful = []; // the same of frames taken for the trainee's
  let over = false; // the loudspeaker has been silent since then
  let coupling = null;

  function learn(ratio) {
    ratios = [...ratios.slice(1 - HISTORY), ratio];
    if (ratios.length < ENOUGH) return;
    const sorted = [...ratios].sort((one, other) => one - other);
    coupling = sorted[Math.floor(sorted.length * 0.9)];
  }

  return {
    /** Whether a frame of the microphone may be nothing but the loudspeaker. True until the ratio of the two is known. */
    masks(level, theirLevel, voiced) {
      played = [...played.slice(1 - REMEMBERED), theirLevel];
      const loudest = Math.max(...played);
      if (loudest < PLAYING) {
        over = true;
        return false;
      }
      if (over) [over, doubtful] = [false, []];
      const ratio = level / loudest;
      const masked = coupling === null || level <= Math.max(FLOOR, loudest * coupling * MARGIN);
      if (masked || !voiced) learn(ratio);
      else doubtful = [...doubtful.slice(1 - HISTORY), ratio];
      return masked;
    },

    /** What was taken for the trainee was the loudspeaker, which has become louder: learn from it. */
    wasFooled() {
      for (const ratio of doubtful) learn(ratio);
      doubtful = [];
    },

    isAudible: () => coupling !== null && coupling > AUDIBLE,
  };
}
