// Keeps the screen on: a phone that sleeps records nothing.

/** Browsers may refuse, or take the lock back (low battery, a hidden page). `document` and `navigator` are the browser's; until `signal` aborts. */
export function keepAwake({ document, navigator, signal }) {
  let lock = null;

  async function ask() {
    if (document.visibilityState !== "visible" || signal.aborted || lock?.released === false) return;
    try {
      lock = (await navigator.wakeLock?.request("screen")) ?? null;
    } catch {
      lock = null; // refused: the screen may go dark as usual
    }
    if (signal.aborted) lock?.release();
  }

  document.addEventListener("visibilitychange", ask, { signal });
  document.addEventListener("click", ask, { signal }); // Safari gives the first one only inside a click
  signal.addEventListener("abort", () => lock?.release());
  ask();
}
