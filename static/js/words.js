// Fills names and numbers into the server's translated sentences.

/** `words[key]` with every `{name}` replaced from `values`; an unknown key is a defect and throws. */
export function phrase(words, key, values = {}) {
  const sentence = words[key];
  if (sentence === undefined) throw new Error(`no words for "${key}"`);
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
