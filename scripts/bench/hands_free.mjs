// Runs the room's own rules (static/js/turn-taking.js) over frames that scripts/bench/hands_free made: JSON lines in, JSON lines out.
// A first line {live: patience} lets the frames follow one by one, while the AI speaks; each is answered with its events ("low", "silent" or "not" for how the AI gives way).
// Else, in: {patience or limits (as one entry of PATIENCE), frames: [[probability, level, tilt, theirLevel]], floor, answers: {frame: probability}}. Out: [[type, frame]].

import readline from "node:readline";
import { createTurnTaking, PATIENCE } from "../../static/js/turn-taking.js";

const ANSWER_FRAMES = 4; // from the question to the answer: 128 ms

let live = null;

for await (const line of readline.createInterface({ input: process.stdin })) {
  if (live !== null) {
    const [probability, level, tilt, theirLevel] = JSON.parse(line);
    const types = live.frame({ probability, level, tilt }, { floor: "theirs", theirLevel }).map(({ type, how }) => how ?? type);
    if (types.includes("begin")) live.reset({ untilQuiet: true });
    console.log(JSON.stringify(types));
    continue;
  }
  const job = JSON.parse(line);
  if (job.live) {
    live = createTurnTaking({ patience: job.live });
    continue;
  }
  const { patience, limits, frames, floor, answers } = job;
  if (limits) PATIENCE.asked = limits;
  const taking = createTurnTaking({ patience: limits ? "asked" : patience });
  const events = [];
  const due = new Map();
  frames.forEach(([probability, level, tilt, theirLevel], at) => {
    if (due.has(at)) taking.answered(due.get(at));
    for (const { type } of taking.frame({ probability, level, tilt }, { floor, theirLevel })) {
      events.push([type, at]);
      if (type === "pause" && answers?.[at] !== undefined) due.set(at + ANSWER_FRAMES, answers[at]);
    }
  });
  console.log(JSON.stringify(events));
}
