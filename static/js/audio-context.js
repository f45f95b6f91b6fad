// The one AudioContext of the page. Browsers let it sound only when it was made or resumed inside a click.

let shared = null;

export function unlock() {
  const Context = globalThis.AudioContext ?? globalThis.webkitAudioContext;
  if (!Context) return null;
  if (!shared || shared.state === "closed") shared = new Context({ latencyHint: "interactive" });
  shared.resume();
  return shared;
}

export function audioContext() {
  return shared;
}
