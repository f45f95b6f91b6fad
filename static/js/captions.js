// Captions follow the voice, not the generated text.

const CHARACTERS_PER_SECOND = { en: 16, zh: 5 };
const AHEAD_SECONDS = 0.4; // reading runs a little ahead of hearing

/**
 * The index in `text` after the last word the voice has begun. `heardSeconds` of `totalSeconds`, which is null until all audio is there.
 * `language` is "en" or "zh".
 */
export function spokenUpTo(text, { heardSeconds, totalSeconds, language }) {
  const at = heardSeconds + AHEAD_SECONDS;
  const estimate = totalSeconds ? (text.length * at) / totalSeconds : at * (CHARACTERS_PER_SECOND[language] ?? 16);
  const index = Math.round(estimate);
  if (index >= text.length) return text.length;
  const rest = text.slice(index).search(/[\s，。！？、；：]/u);
  return rest === -1 ? text.length : index + rest;
}

/** How long `text` takes to read, in ms; counts as heard when there is no sound. */
export function readingMs(text, language) {
  return Math.round((text.length / (CHARACTERS_PER_SECOND[language] ?? 16)) * 1000);
}
