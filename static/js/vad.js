// Voice activity detection on the microphone's level: was anything said, and for how long has it been quiet?

const SPEECH = 0.008; // root mean square; quiet rooms stay below it after noise suppression
const SPEECH_LEVELS = 4; // this many loud levels are speech, fewer a click of the button
const UNHEARD_MS = 2000; // before the first word
const PAUSE_MS = 4000; // between words: people think

/** `now` in ms. Levels come about every 50 ms. */
export function createVad({ now }) {
  let levels = 0;
  let loud = 0;
  let quietSince = now();

  return {
    begin() {
      levels = loud = 0;
      quietSince = now();
    },

    /** Takes one level (root mean square, 0..1); true if nothing has been heard for too long. */
    add(level) {
      levels += 1;
      if (level >= SPEECH) {
        loud += 1;
        quietSince = now();
      }
      return now() - quietSince >= (loud < SPEECH_LEVELS ? UNHEARD_MS : PAUSE_MS);
    },

    /** False only if there were levels and none sounded like speech. */
    heardSpeech: () => levels === 0 || loud >= SPEECH_LEVELS,
  };
}
