// Two soft notes, to hear whether the speakers work.

import { resume } from "./audio-context.js";
import { within } from "./deadline.js";

const NOTES = [523.25, 659.25]; // C5, E5
const NOTE_SECONDS = 0.45;
const LOUDNESS = 0.2;
const DEADLINE_MS = 3000;

/** Resolves when both notes have been played; rejects if the context cannot play them. */
export function playNotes({ context, timers = globalThis }) {
  const play = () =>
    new Promise((resolve) => {
      resume(context);
      const gain = context.createGain();
      gain.connect(context.destination);
      gain.gain.value = 0;
      NOTES.forEach((hertz, index) => {
        const begin = context.currentTime + index * NOTE_SECONDS;
        gain.gain.setValueAtTime(0, begin);
        gain.gain.linearRampToValueAtTime(LOUDNESS, begin + 0.03);
        gain.gain.linearRampToValueAtTime(0, begin + NOTE_SECONDS);
        const note = context.createOscillator();
        note.frequency.value = hertz;
        note.connect(gain);
        note.start(begin);
        note.stop(begin + NOTE_SECONDS);
        if (index < NOTES.length - 1) return;
        note.onended = () => {
          gain.disconnect();
          resolve();
        };
      });
    });
  return within(DEADLINE_MS, play, { timers });
}
