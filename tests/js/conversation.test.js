import assert from "node:assert/strict";
import { test } from "node:test";
import { createConversation } from "../../static/js/conversation.js";
import * as rules from "../../static/js/room-state.js";
import { say as wire } from "../../static/js/socket.js";
import { aiTurn, createTime, session } from "./stand-ins.js";

const SNAPSHOT = { type: "session", session: session(), turns: [aiTurn(0)], evaluation: null };

// A room whose two sides do nothing by themselves: `aloud` is what the AI's side was given. `line.up` is the connection.
function talking() {
  const time = createTime(Date.parse("2026-11-22T12:00:00Z"));
  const line = { up: true, sent: [] };
  let aloud = null;
  const nothing = () => {};
  const conversation = createConversation({
    snapshot: { session: session(), turns: [aiTurn(0)] },
    rules, wire, timers: time,
    clock: { now: time.now },
    say: (key) => key,
    announce: nothing,
    show: nothing,
    createAiTurn: (shared) => {
      aloud = shared;
      return { hearTheRest: nothing };
    },
    createTraineeInput: ({ send }) => ({ afterSnapshot: () => send(wire.turnCancel(1)), furnish: nothing }),
  });
  const socket = { send: (frame) => line.up && line.sent.push(JSON.parse(frame)) > 0 };
  conversation.furnish({ socket, tabs: null });
  return { time, line, aloud, conversation, frame: conversation.socketEvents.frame, types: () => line.sent.map(({ type }) => type) };
}

test("how far a line was heard while there was no connection is told before anything else over the next one", () => {
  const { line, aloud, frame, types } = talking();
  line.up = false;
  aloud.send(wire.interrupt(0, 340));
  line.up = true;
  frame(SNAPSHOT);
  frame(SNAPSHOT);
  assert.deepEqual(types(), ["interrupt", "turn_cancel", "turn_cancel"]);
  aloud.send(wire.playbackEnded(2));
  frame(SNAPSHOT);
  assert.deepEqual(types().slice(3), ["playback_ended", "turn_cancel"]);
});

test("telemetry that could not be sent is sent as soon as there is a connection, then every 15 seconds", () => {
  const { time, line, conversation, types } = talking();
  line.up = false;
  conversation.tick();
  line.up = true;
  time.pass(200);
  conversation.tick();
  conversation.tick();
  assert.deepEqual(types(), ["telemetry"]);
  time.pass(15_000);
  conversation.tick();
  assert.deepEqual(types(), ["telemetry", "telemetry"]);
});
