// Browser features that a privacy setting may forbid.

/** `globalThis[name]`, or undefined if the browser forbids access. */
export function allowed(name) {
  try {
    return globalThis[name];
  } catch {
    return undefined;
  }
}
