// Words appear as they are said, not as they are generated.

const CHARACTERS_PER_SECOND = { en: 16, zh: 5 };
const AHEAD_SECONDS = 0.4; // reading runs a little ahead of hearing

/**
 * Where in `text` the voice is: the index behind the last word begun. `heardSeconds` of `totalSeconds`, which is null until all audio is there.
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

/** How long `text` takes to be read, in ms: what counts as heard where there is no sound. */
export function readingMs(text, language) {
  return Math.round((text.length / (CHARACTERS_PER_SECOND[language] ?? 16)) * 1000);
}
