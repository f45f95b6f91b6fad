// The one AudioContext of the page. Browsers let it sound only when it was made or resumed inside a click.

let shared = null;

/** The shared context, made and resumed as far as the browser allows it; null where none can be had. Call it inside a click. */
export function unlock() {
  const Context = globalThis.AudioContext ?? globalThis.webkitAudioContext;
  if (!Context) return null;
  if (!shared || shared.state === "closed") {
    try {
      shared = new Context({ latencyHint: "interactive" });
    } catch {
      return null; // too many contexts, or no sound device: the room says so where it needs sound
    }
  }
  resume(shared);
  return shared;
}

export function audioContext() {
  return shared?.state === "closed" ? null : shared;
}

/** A context in place of the shared one, which no longer sounds: an interrupted one may say "running" and stand still for ever. */
export function renew() {
  close(shared);
  shared = null;
  return unlock();
}

/** Ask a context to run. Whether it does is told by its `state` alone: `resume()` may reject, never settle, or resolve while nothing runs. */
export function resume(context) {
  attempt(() => context.resume());
}

/** Let go of a context's device, in whatever state it is. */
export function close(context) {
  if (context && context.state !== "closed") attempt(() => context.close());
}

function attempt(ask) {
  try {
    ask()?.catch?.(() => {}); // its state tells
  } catch {
    // closed already, or not allowed: its state tells
  }
}
