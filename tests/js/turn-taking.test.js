import assert from "node:assert/strict";
import { test } from "node:test";
import { createTurnTaking, FRAME_MS, PATIENCE } from "../../static/js/turn-taking.js";

const VOICE = { probability: 0.95, level: 0.1, tilt: 0.3 };
const HUM = { probability: 0.9, level: 0.08, tilt: 0.01 };
const ENOUGH = PATIENCE.normal.longest + 320; // ms of silence that end any turn
const QUIET = { probability: 0.02, level: 0.001, tilt: 0.5 };

// Feeds a microphone's frames to the rules. `hear(frame, ms)` returns the resulting events, each with its time; `loudness` keeps how loud the AI is to speak.
function conversation(options) {
  const taking = createTurnTaking(options);
  const loudness = [];
  let at = 0;
  return {
    taking,
    loudness,
    hear(frame, ms, { floor = "mine", theirLevel = 0 } = {}) {
      const came = [];
      for (const end = at + ms; at + FRAME_MS <= end; at += FRAME_MS) {
        for (const event of taking.frame(frame, { floor, theirLevel })) {
          (event.type === "give-way" ? loudness : came).push({ ...event, at: at + FRAME_MS });
        }
      }
      return came;
    },
  };
}

const names = (events) => events.map(({ type }) => type);

test("a turn begins with speech, from before its first sound, and ends after a pause", () => {
  const { hear } = conversation();
  hear(QUIET, 1000);
  const [begin] = hear(VOICE, 1500);
  assert.equal(begin.type, "begin");
  assert.ok(begin.leadMs >= 300 + 96);
  assert.deepEqual(names(hear(QUIET, PATIENCE.normal.usual[0] + 64)), ["pause", "pause", "end"]);
});

test("a pause in the middle of a sentence ends nothing", () => {
  const { hear } = conversation();
  hear(VOICE, 1500);
  assert.deepEqual(names(hear(QUIET, 700)), ["pause"]);
  assert.deepEqual(names(hear(VOICE, 1000)), ["resume"]);
});

for (const [patience, limits] of Object.entries(PATIENCE)) {
  test(`with ${patience} patience the pause is as long as it says`, () => {
    const { hear } = conversation({ patience });
    hear(VOICE, 1500);
    assert.equal(names(hear(QUIET, limits.usual[0] - FRAME_MS)).includes("end"), false);
    assert.equal(names(hear(QUIET, 2 * FRAME_MS)).includes("end"), true);
  });
}

test("trainees who make long pauses inside a turn get longer ones, up to a limit", () => {
  const { hear } = conversation();
  for (let i = 0; i < 5; i += 1) {
    hear(VOICE, 900);
    hear(QUIET, 930);
  }
  hear(VOICE, 900);
  assert.equal(names(hear(QUIET, 1088)).includes("end"), false);
  assert.equal(names(hear(QUIET, PATIENCE.normal.longest)).includes("end"), true);
});

test("who makes no pauses inside a turn waits less from the fourth turn on, with the model's answer still less", () => {
  const { hear, taking } = conversation();
  const { usual, sure } = PATIENCE.normal;
  const endsAfter = (ms) => {
    hear(VOICE, 1500);
    const ended = names(hear(QUIET, ms)).includes("end");
    hear(QUIET, ENOUGH);
    return ended;
  };
  for (let i = 0; i < 3; i += 1) assert.equal(endsAfter(usual[0] - 2 * FRAME_MS), false);
  assert.equal(endsAfter(usual[1] + FRAME_MS), true);
  hear(VOICE, 1500);
  hear(QUIET, 256);
  taking.answered(0.95);
  assert.equal(names(hear(QUIET, sure[1] - 256 + FRAME_MS)).at(-1), "end");
});

// Speaks, and goes on after a pause that was longer than is waited for: what is waited for then?
function waitedAfterCutOff({ theirLevel }) {
  const { hear } = conversation({ patience: "short" });
  hear(VOICE, 1500);
  assert.equal(names(hear(QUIET, 1600, { floor: "theirs", theirLevel })).at(-1), "end");
  hear(VOICE, 1500);
  return names(hear(QUIET, 1700)).includes("end");
}

test("who goes on after their turn was taken for over is waited for longer, unless the AI had been heard", () => {
  assert.equal(waitedAfterCutOff({ theirLevel: 0 }), false);
  assert.equal(waitedAfterCutOff({ theirLevel: 0.001 }), true);
});

test("the end-of-turn model shortens the pause of a finished turn and lengthens that of an unfinished one", () => {
  const done = conversation();
  done.hear(VOICE, 1500);
  assert.deepEqual(names(done.hear(QUIET, 256)), ["pause"]);
  done.taking.answered(0.95);
  assert.equal(names(done.hear(QUIET, PATIENCE.normal.sure[0] - 256 + FRAME_MS)).at(-1), "end");

  const open = conversation();
  open.hear(VOICE, 1500);
  open.hear(QUIET, 256);
  open.taking.answered(0.7);
  assert.equal(names(open.hear(QUIET, PATIENCE.normal.usual[0] - 320)).includes("end"), false);
  assert.equal(names(open.hear(QUIET, 128)).at(-1), "end", "it does not know: as without it");

  const thinking = conversation();
  thinking.hear(VOICE, 1500);
  thinking.hear(QUIET, 256);
  thinking.taking.answered(0.1);
  assert.equal(names(thinking.hear(QUIET, PATIENCE.normal.usual[0] + 200)).includes("end"), false);
  assert.equal(names(thinking.hear(QUIET, PATIENCE.normal.unsure)).includes("end"), true);
});

test("an answer about an earlier pause does not count for this one", () => {
  const { hear, taking } = conversation();
  hear(VOICE, 1000);
  hear(QUIET, 256);
  hear(VOICE, 1000);
  taking.answered(0.95);
  assert.equal(names(hear(QUIET, PATIENCE.normal.sure[0] - 64)).includes("end"), false);
});

test("a click starts nothing, and a cough is dropped", () => {
  const { hear } = conversation();
  assert.deepEqual(names([...hear(VOICE, 64), ...hear(QUIET, ENOUGH)]), []);
  assert.deepEqual(names([...hear(VOICE, 128), ...hear(QUIET, ENOUGH)]).at(-1), "drop");
});

test("a hum alone is not a turn; a hummed beginning of a sentence is part of it", () => {
  const { hear } = conversation();
  assert.equal(names([...hear(HUM, 600), ...hear(QUIET, ENOUGH)]).at(-1), "drop");
  assert.equal(names([...hear(HUM, 400), ...hear(VOICE, 900), ...hear(QUIET, ENOUGH)]).at(-1), "end");
});

test("mm-hm and yes while the AI speaks are no barge-in; a sentence is, soon after it has become one", () => {
  const { hear } = conversation();
  const theirs = { floor: "theirs" };
  for (const sound of [HUM, VOICE]) assert.deepEqual(hear(sound, 480, theirs).concat(hear(QUIET, 600, theirs)), []);
  assert.deepEqual(hear(HUM, 960, theirs).concat(hear(QUIET, 600, theirs)), []);
  const [begin] = hear(VOICE, 1000, theirs);
  assert.equal(begin.type, "begin");
  assert.ok(begin.leadMs >= 640 + 300, "the first words belong to the turn");
});

test("mm-hms one after the other do not add up to a barge-in", () => {
  const { hear } = conversation();
  for (let i = 0; i < 6; i += 1) assert.deepEqual(hear(VOICE, 416, { floor: "theirs" }).concat(hear(QUIET, 320, { floor: "theirs" })), []);
});

test("the AI speaks low within 100 ms of the first speech and is silent within 130; it goes on when it was a yes or the trainee's turn begins", () => {
  const { hear, loudness } = conversation();
  const ways = () => loudness.splice(0).map(({ how, at }) => [how, at]);
  hear(QUIET, 960, { floor: "theirs" });
  hear(VOICE, 416, { floor: "theirs" });
  hear(QUIET, 640, { floor: "theirs" });
  assert.deepEqual(ways(), [["low", 1056], ["silent", 1088], ["not", 1376 + 256]]);
  assert.deepEqual(names(hear(VOICE, 700, { floor: "theirs" })), ["begin"]);
  assert.deepEqual(ways().map(([how]) => how), ["low", "silent", "not"], "its next line is not low");
});

test("the AI's voice is not lowered by its echo, nor by speech when it is the trainee's turn", () => {
  const { hear, loudness } = conversation();
  hear({ ...VOICE, level: 0.06 }, 5000, { floor: "theirs", theirLevel: 0.2 });
  hear(QUIET, 1000);
  hear(VOICE, 2000);
  assert.deepEqual(loudness, []);
});

test("nothing starts while the floor is closed; speech that began then counts once it opens", () => {
  const { hear } = conversation();
  assert.deepEqual(hear(VOICE, 1500, { floor: "closed" }), []);
  assert.deepEqual(names(hear(VOICE, 64)), ["begin"]);
});

test("after a turn was ended by hand the same words begin no new one", () => {
  const { hear, taking } = conversation();
  hear(VOICE, 500);
  taking.reset({ untilQuiet: true });
  assert.deepEqual(hear(VOICE, 1000), []);
  hear(QUIET, 400);
  assert.deepEqual(names(hear(VOICE, 500)), ["begin"]);
});

test("the AI's own voice from a loudspeaker is no barge-in, someone who speaks over it is", () => {
  const { hear, taking } = conversation();
  const theirs = { floor: "theirs", theirLevel: 0.2 };
  assert.deepEqual(hear({ ...VOICE, level: 0.06 }, 5000, theirs), []);
  assert.equal(taking.hearsLoudspeaker(), true);
  assert.deepEqual(hear({ ...VOICE, level: 0.0 }, 500, theirs), []);
  assert.deepEqual(names(hear({ ...VOICE, level: 0.2 }, 1000, theirs)), ["begin"]);
});

test("once the delay of the echo is known, a soft word between two sentences of the AI's is heard", () => {
  const { hear, loudness } = conversation();
  const [loud, gap, delay] = [20, 12, 3]; // frames
  const theirs = (at) => (at % (loud + gap) < loud ? 0.25 : 0.03);
  const softly = (at) => (at >= 4 * (loud + gap) && at % (loud + gap) >= loud ? 0.11 : 0);
  for (let at = 0; at < 5 * (loud + gap); at += 1) {
    const level = Math.max(0.3 * theirs(at - delay), softly(at));
    hear({ ...VOICE, level }, FRAME_MS, { floor: "theirs", theirLevel: theirs(at) });
    if (!softly(at)) assert.deepEqual(loudness, [], "the echo alone");
  }
  assert.deepEqual(loudness.map(({ how }) => how), ["low", "silent"], "though it is softer than the loudest echo of the last 0.4 s");
});

test("before the loudspeaker's share is known nothing counts as barge-in", () => {
  const { hear } = conversation();
  assert.deepEqual(hear({ ...VOICE, level: 0.3 }, 448, { floor: "theirs", theirLevel: 0.2 }), []);
});

test("the echo's tail just after the AI has spoken starts no turn", () => {
  const { hear } = conversation();
  hear({ ...VOICE, level: 0.1 }, 3000, { floor: "theirs", theirLevel: 0.2 });
  assert.deepEqual(hear({ ...VOICE, level: 0.08 }, 320), []);
});

test("with headphones a normal voice interrupts", () => {
  const { hear, taking } = conversation();
  const theirs = { floor: "theirs", theirLevel: 0.2 };
  hear({ ...QUIET, level: 0.002 }, 3000, theirs);
  assert.equal(taking.hearsLoudspeaker(), false);
  assert.deepEqual(names(hear({ ...VOICE, level: 0.05 }, 1000, theirs)), ["begin"]);
});

test("a louder loudspeaker fools it once: the turn is dropped and the new share is learnt", () => {
  const { hear } = conversation();
  const theirs = { floor: "theirs", theirLevel: 0.2 };
  hear({ ...VOICE, level: 0.04 }, 5000, theirs);
  assert.deepEqual(names(hear({ ...VOICE, level: 0.16 }, 1000, theirs)), ["begin"]);
  assert.equal(names(hear(QUIET, ENOUGH)).at(-1), "drop"); // the AI was silenced, and so was "the trainee"
  assert.deepEqual(hear({ ...VOICE, level: 0.16 }, 3000, theirs), []);
});
