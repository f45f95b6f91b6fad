// What the room says about hands-free talking: keys of its texts for the state and the line below it.

const TOLD = new Set(["yours", "recording", "speaking"]);

/**
 * `{state, hint}`, keys of the texts, each null if the scene's own text is shown; `room.handsFree` as hands-free.js
 * shows it.
 */
export function handsFreeWords({ handsFree }, { scene, typing, tapped }) {
  if (handsFree === null || typing || tapped || !TOLD.has(scene)) return { state: null, hint: null };
  if (handsFree.phase === "loading") return { state: scene === "yours" ? "hands.loading" : null, hint: scene === "yours" ? "hands.hint.loading" : null };
  if (handsFree.phase === "hidden") return { state: scene === "speaking" ? null : "hands.hidden", hint: null };
  if (handsFree.phase === "deaf") return { state: scene === "speaking" ? null : "hands.deaf", hint: "hands.hint.deaf" };
  if (scene === "yours") return { state: "hands.yours", hint: "hands.hint.yours" };
  if (scene === "recording") return { state: handsFree.pausing ? "hands.pausing" : "hands.recording", hint: "hands.hint.recording" };
  return { state: null, hint: handsFree.loudspeaker ? "hands.hint.speaking.loud" : "hands.hint.speaking" };
}
