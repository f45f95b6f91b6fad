// Hands-free rules: frames of voice activity in, events out. Pure; the bench (scripts/bench/hands_free) runs this very module.

import { createEchoGate } from "./echo-gate.js";

export const FRAME_MS = 32;
const SPEECH = 0.5; // probability at which speech begins
const SILENCE = 0.35; // and below which it is over
const RUN_MS = 96; // gaps shorter than this belong to the word
const ONSET_MS = 96; // this much speech begins a turn
const LOWER_MS = 96; // after this much speech over the AI, it speaks low
const SILENT_MS = 128; // after this much it pauses, and resumes unless this becomes barge-in
const CLEAR_MS = 640; // this much is barge-in: "mm-hm", "yeah" and "right" are shorter
const CLEAR_HUM_MS = 1280; // sounds without a consonant need more: "mmmm"
const GAP_MS = 256; // silence that ends a burst that has not become a turn
const SHORTEST_MS = 160; // less speech than this in a whole turn was a cough or a click
const SHORTEST_HUM_MS = 960; // "mm-hm" alone is not a turn
const LEAD_MS = 300; // kept before the first frame of speech: soft consonants come earlier
const LONGEST_LEAD_MS = 2400;
const PAUSE_MS = 224; // when the end-of-turn model is asked
const SURE = 0.9; // from this probability on, the model has heard the end (scripts/bench/hands_free.md)
const UNSURE = 0.5; // and below this one, that more is to come; between them it does not know
const ASK_AGAIN_MS = 800; // and asked once more in a long pause
const BRIGHT = 0.08; // spectral tilt that a closed mouth cannot produce
const BRIGHT_SHARE = 0.12;
const KNOWN_TURNS = 8; // whose pauses are remembered
const FEW_TURNS = 3; // up to this many turns, their pauses are too little known to shorten the wait

/**
 * How long a pause may be, in ms. `sure`: after the end-of-turn model said that the trainee has finished; `usual`: without its answer, or if it does not know. Each is
 * [at first, at least]: once a few turns are known, it is `margin` times the pauses that this person makes inside them, up to `longest`.
 * `unsure`: after the model said that they have not finished.
 */
export const PATIENCE = {
  short: { sure: [704, 704], usual: [1280, 1024], unsure: 2400, longest: 2200, margin: 1.25 },
  normal: { sure: [1024, 704], usual: [1600, 1280], unsure: 2800, longest: 2800, margin: 1.25 },
  long: { sure: [3000, 2400], usual: [3000, 2400], unsure: 4500, longest: 4500, margin: 1.25 },
};

/**
 * `frame({probability, level, tilt}, {floor, theirLevel})` takes 32 ms of the microphone: how likely it holds
 * speech, its root mean square (0..1) and its spectral tilt (energy of the difference signal over energy, 0..4).
 * `floor` is "mine" (the trainee may speak), "theirs" (speaking is barge-in) or "closed"; `theirLevel` is the root
 * mean square of what the loudspeaker plays. It returns events: `{type: "give-way", how}` the AI should speak "low" or
 * be "silent", since somebody may be interrupting, or "not", nobody was · `{type: "begin", leadMs}` start recording, that far back · `{type: "pause"}` ask the end-of-turn model · `{type: "resume"}` they went on · `{type: "end"}` the turn is over ·
 * `{type: "drop"}` it was none.
 */
export function createTurnTaking({ patience = "normal" } = {}) {
  let limits = PATIENCE[patience];
  const echo = createEchoGate();
  let at = 0;
  let burst = null; // speech that has not become a turn: {began, speech, bright, last}
  let take = null; // the turn: {speech, bright, silence, cut, afterCut, finished, asked}
  let turns = []; // the longest pause inside each of the last turns, 0 if there was none; of the present one too
  let over = null; // the turn that a pause ended last: when its last word was over; null once the other person was heard
  let deafUntilQuiet = false;
  let gives = "not"; // how the AI gives way to `burst`

  function isSpeech({ probability }, talking) {
    return probability >= (talking ? SILENCE : SPEECH);
  }

  function frame(heard, { floor, theirLevel = 0 }) {
    at += FRAME_MS;
    const talking = take !== null ? take.silence < RUN_MS : burst !== null && at - burst.last <= RUN_MS;
    const voiced = isSpeech(heard, talking);
    const masked = echo.masks(heard.level, theirLevel, voiced);
    const speech = voiced && !masked;
    if (theirLevel > 0) over = null;
    const events = heed(speech, heard, { floor, theirLevel });
    return [...loudness(floor), ...events];
  }

  let quiet = 0;

  function heed(speech, heard, { floor, theirLevel }) {
    if (deafUntilQuiet) {
      quiet = speech ? 0 : quiet + FRAME_MS;
      if (quiet >= GAP_MS) deafUntilQuiet = false;
      return [];
    }
    return take === null ? listen(speech, heard, floor) : follow(speech, heard, theirLevel);
  }

  // Whoever interrupts is not talked over until it is clear that they do; an "mm-hm" does not cost the AI its line.
  function loudness(floor) {
    const how = wayGiven(floor);
    if (how === gives) return [];
    gives = how;
    return [{ type: "give-way", how }];
  }

  function wayGiven(floor) {
    if (floor !== "theirs" || burst === null || burst.speech < LOWER_MS) return "not";
    return burst.speech < SILENT_MS ? "low" : "silent";
  }

  function listen(speech, { tilt }, floor) {
    if (speech) {
      burst ??= { began: at - FRAME_MS, speech: 0, bright: 0, last: at };
      burst.speech += FRAME_MS;
      burst.bright += tilt >= BRIGHT ? FRAME_MS : 0;
      burst.last = at;
    } else if (burst !== null && at - burst.last >= GAP_MS) burst = null;
    if (burst !== null && burst.speech >= needed(burst, "theirs")) wentOn();
    if (burst === null || floor === "closed" || burst.speech < needed(burst, floor)) return [];
    if (!wentOn()) turns = [...turns.slice(1 - KNOWN_TURNS), 0];
    const leadMs = Math.min(LONGEST_LEAD_MS, at - burst.began + LEAD_MS);
    take = { speech: burst.speech, bright: burst.bright, silence: at - burst.last, cut: floor === "theirs", afterCut: 0, finished: null, asked: 0 };
    burst = null;
    return [{ type: "begin", leadMs }];
  }

  // Somebody who goes on before anything was answered had not finished: that pause was inside their turn.
  function wentOn() {
    if (over === null || burst.began - over > limits.longest) return false;
    paused(burst.began - over);
    over = null;
    return true;
  }

  function paused(ms) {
    turns[turns.length - 1] = Math.max(turns.at(-1), ms);
  }

  function needed(heard, floor) {
    if (floor === "mine") return ONSET_MS;
    return isHum(heard) ? CLEAR_HUM_MS : CLEAR_MS;
  }

  function follow(speech, { tilt }, theirLevel) {
    if (speech) return goOn(tilt, theirLevel);
    take.silence += FRAME_MS;
    if (take.silence >= allowed()) return finish();
    const due = [PAUSE_MS, ASK_AGAIN_MS][take.asked];
    if (due === undefined || take.silence < due) return [];
    take.asked += 1;
    return [{ type: "pause" }];
  }

  function goOn(tilt, theirLevel) {
    const silence = take.silence;
    take.speech += FRAME_MS;
    take.bright += tilt >= BRIGHT ? FRAME_MS : 0;
    if (theirLevel === 0) take.afterCut += FRAME_MS;
    take.silence = 0;
    take.finished = null;
    take.asked = 0;
    if (silence < PAUSE_MS) return [];
    paused(silence);
    return [{ type: "resume" }];
  }

  function allowed() {
    if (take.finished === false) return limits.unsure;
    const [atFirst, atLeast] = take.finished ? limits.sure : limits.usual;
    const known = [...turns].sort((one, other) => one - other)[Math.floor(turns.length * 0.8)] * limits.margin;
    return Math.min(limits.longest, Math.max(turns.length <= FEW_TURNS ? atFirst : atLeast, known));
  }

  function finish() {
    const { speech, cut, afterCut } = take;
    const hum = isHum(take);
    // The microphone picks up the loudspeaker, and when that fell silent the voice stopped too: it was the echo.
    const wasEcho = cut && afterCut < SHORTEST_MS && echo.isAudible();
    const isTurn = !wasEcho && speech >= (hum ? SHORTEST_HUM_MS : SHORTEST_MS);
    over = isTurn ? at - take.silence : null;
    if (!isTurn) turns.pop();
    take = null;
    if (wasEcho) echo.wasFooled();
    return [{ type: isTurn ? "end" : "drop" }];
  }

  return {
    frame,

    /** What the end-of-turn model said about the present pause: the probability that the trainee has finished. */
    answered(probability) {
      if (take === null || take.asked === 0) return;
      take.finished = probability >= SURE ? true : probability < UNSURE ? false : null;
    },

    /**
     * The turn was ended or dropped by other means; with `untilQuiet` the words still being said do not begin a new
     * one.
     */
    reset({ untilQuiet = false } = {}) {
      burst = take = over = null;
      deafUntilQuiet = untilQuiet;
      quiet = 0;
    },

    setPatience(next) {
      limits = PATIENCE[next] ?? PATIENCE.normal;
    },

    /** Whether the microphone hears the loudspeaker well: headphones would help. */
    hearsLoudspeaker: echo.isAudible,
    isTalking: () => take !== null && take.silence < PAUSE_MS,
    isPausing: () => take !== null && take.silence >= PAUSE_MS,
  };
}

// Hummed with the mouth closed: hardly a frame with the energy of a consonant or an open vowel.
function isHum({ bright, speech }) {
  return bright < speech * BRIGHT_SHARE;
}
