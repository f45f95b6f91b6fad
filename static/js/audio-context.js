// The page's shared AudioContext. Browsers only let it play if it was created or resumed inside a click.

let shared = null;

/** Create or resume the shared context; null if the browser gives none. Call it inside a click. */
export function unlock() {
  const Context = globalThis.AudioContext ?? globalThis.webkitAudioContext;
  if (!Context) return null;
  if (!shared || shared.state === "closed") {
    try {
      shared = new Context({ latencyHint: "interactive" });
    } catch {
      return null; // too many contexts or no sound device; callers report it
    }
  }
  resume(shared);
  return shared;
}

export function audioContext() {
  return shared?.state === "closed" ? null : shared;
}

/** Replace the shared context: after an interruption it may report "running" while its clock stands still. */
export function renew() {
  close(shared);
  shared = null;
  return unlock();
}

/**
 * Ask a context to run. Only its `state` shows whether it does: `resume()` may reject, never settle, or resolve
 * without effect.
 */
export function resume(context) {
  attempt(() => context.resume());
}

/** Release a context's device, whatever its state. */
export function close(context) {
  if (context && context.state !== "closed") attempt(() => context.close());
}

function attempt(ask) {
  try {
    ask()?.catch?.(() => {}); // `state` tells
  } catch {
    // already closed or not allowed; `state` tells
  }
}
