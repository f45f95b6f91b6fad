import assert from "node:assert/strict";
import { test } from "node:test";
import { createServerClock } from "../../static/js/server-clock.js";
import { backOff, createSocket, read, say } from "../../static/js/socket.js";
import { createTime, createWebSockets, session } from "./stand-ins.js";

function connection({ heard = () => {} } = {}) {
  const time = createTime();
  const { WebSocket, opened } = createWebSockets();
  const links = [];
  const frames = [];
  const clock = createServerClock({ wall: time.now, steady: time.now });
  const on = { link: (link) => links.push(link), frame: (frame) => frames.push(frame) && heard(socket) };
  const socket = createSocket({ url: "ws://room/ws/sessions/s1", WebSocket, clock, timers: time, random: () => 1, on });
  socket.connect();
  return { time, opened, links, frames, clock, socket };
}

const snapshot = { type: "session", session: session(), turns: [], evaluation: null, serverTime: new Date(1_000_000).toISOString() };

test("an audio frame is four bytes of sequence, little-endian, and the bytes", () => {
  assert.deepEqual([...new Uint8Array(say.audio(258, Uint8Array.of(7, 8).buffer))], [2, 1, 0, 0, 7, 8]);
  const pcm = read(Uint8Array.of(3, 0, 0, 0, 0xff, 0x7f, 0x00, 0x80).buffer);
  assert.equal(pcm.sequence, 3);
  assert.deepEqual([...pcm.pcm], [32767, -32768]);
});

test("every message has the protocol's names", () => {
  const times = { startedAt: "a", endedAt: "b", clientSentAt: "c", text: "hi" };
  const said = [
    [say.turnStart(1, "a"), { type: "turn_start", sequence: 1, startedAt: "a" }],
    [say.turnEnd(1, "b", "c"), { type: "turn_end", sequence: 1, endedAt: "b", clientSentAt: "c" }],
    [say.turnText(1, times), { type: "turn_text", sequence: 1, ...times }],
    [say.turnPause(1), { type: "turn_pause", sequence: 1 }],
    [say.turnCancel(1), { type: "turn_cancel", sequence: 1 }],
    [say.interrupt(2, 340), { type: "interrupt", sequence: 2, playedMs: 340 }],
    [say.playbackEnded(2), { type: "playback_ended", sequence: 2 }],
    [say.telemetry(1, 2), { type: "telemetry", idleSeconds: 1, elapsedSeconds: 2 }],
    [say.stop("manual"), { type: "stop", reason: "manual" }],
    [say.ping("a"), { type: "ping", clientTime: "a" }],
  ];
  for (const [frame, message] of said) assert.deepEqual(JSON.parse(frame), message);
});

test("malformed frames are ignored", () => {
  assert.equal(read("{"), null);
  assert.equal(read("[]"), null);
  assert.equal(read(new ArrayBuffer(3)), null);
});

test("the clock is calibrated as soon as the server listens, which is after its snapshot", () => {
  const { time, opened, clock } = connection();
  opened[0].open();
  assert.deepEqual(opened[0].messages("ping"), []);
  opened[0].receive(snapshot);
  const [ping] = opened[0].messages("ping");
  time.pass(50);
  opened[0].receive({ type: "pong", clientTime: ping.clientTime, serverTime: new Date(9_000_025).toISOString() });
  assert.equal(clock.now(), 9_000_050);
});

test("frames are passed on, pongs are not", () => {
  const { opened, frames } = connection();
  opened[0].open();
  opened[0].receive(snapshot);
  opened[0].receive({ type: "pong", clientTime: new Date(0).toISOString(), serverTime: new Date(0).toISOString() });
  assert.deepEqual(frames.map((frame) => frame.type), ["session"]);
});

test("a lost connection is retried, later each time, until a snapshot arrives", () => {
  const { time, opened, links } = connection();
  opened[0].open();
  opened[0].receive(snapshot);
  opened[0].drop(4503);
  time.pass(500);
  assert.equal(opened.length, 2);
  opened[1].drop();
  time.pass(999);
  assert.equal(opened.length, 2);
  time.pass(1);
  assert.equal(opened.length, 3);
  opened[2].open();
  opened[2].receive(snapshot);
  opened[2].drop();
  time.pass(500);
  assert.equal(opened.length, 4);
  assert.deepEqual(links.map(({ link }) => link), ["connecting", "open", "lost", "connecting", "lost", "connecting", "open", "lost", "connecting"]);
});

test("the connection counts as open once its snapshot was read, not once it is connected", () => {
  const { opened, links, frames } = connection();
  opened[0].open();
  assert.equal(links.at(-1).link, "connecting");
  opened[0].receive(snapshot);
  assert.deepEqual([links.at(-1).link, frames.length], ["open", 1]);
});

test("waits grow to 15 s and are spread over their upper half", () => {
  assert.deepEqual([1, 2, 3, 6, 40].map((attempt) => backOff(attempt, () => 1)), [500, 1000, 2000, 15000, 15000]);
  assert.equal(backOff(1, () => 0), 250);
});

test("a deleted session is not connected to again", () => {
  const { time, opened, links } = connection();
  opened[0].open();
  opened[0].drop(4404);
  time.pass(60_000);
  assert.equal(opened.length, 1);
  assert.equal(links.at(-1).link, "gone");
});

test("someone who was signed out is not connected again", () => {
  const { time, opened, links } = connection();
  opened[0].open();
  opened[0].drop(4401);
  time.pass(60_000);
  assert.equal(opened.length, 1);
  assert.equal(links.at(-1).link, "signed-out");
});

test("a connection that went silent is abandoned", () => {
  const { time, opened } = connection();
  opened[0].open();
  time.pass(31_000);
  assert.equal(opened[0].readyState, 3);
  assert.ok(opened.length >= 2);
});

test("a connection that is never made is given up, each later one after more patience", () => {
  const { time, opened, links } = connection();
  time.pass(7999);
  assert.deepEqual([opened.length, links.at(-1).link], [1, "connecting"]);
  time.pass(1);
  assert.deepEqual([opened[0].readyState, links.at(-1).link], [3, "lost"]);
  time.pass(500 + 8000 + 1000);
  assert.equal(opened.length, 3);
  time.pass(15_999);
  assert.equal(opened[2].readyState, 0);
  time.pass(1);
  assert.equal(opened[2].readyState, 3);
  time.pass(2000);
  opened[3].open();
  opened[3].receive(snapshot);
  time.pass(24_000);
  assert.equal(opened[3].readyState, 1);
});

test("when the network is back a connection that has been in the making for two seconds is made anew", () => {
  const { time, opened, socket } = connection();
  time.pass(2000);
  socket.check();
  assert.equal(opened.length, 1);
  time.pass(1);
  socket.check();
  assert.deepEqual([opened.length, opened[0].readyState], [2, 3]);
  time.pass(7999);
  assert.equal(opened.length, 2, "the first one's time is over, not the second one's");
});

test("a new connection is not taken for silent because the one before it was", () => {
  const { time, opened, socket } = connection();
  opened[0].open();
  opened[0].receive(snapshot);
  time.pass(25_000);
  socket.redial();
  time.pass(5000);
  assert.deepEqual([opened.length, opened[1].readyState], [2, 0]);
});

test("after sleep a dead connection is found within four seconds", () => {
  const { time, opened, socket } = connection();
  opened[0].open();
  opened[0].receive(snapshot);
  time.pass(5);
  socket.check();
  time.pass(4500);
  assert.equal(opened.length, 2);
});

test("after sleep a living connection is kept", () => {
  const { time, opened, socket } = connection();
  opened[0].open();
  socket.check();
  time.pass(100);
  opened[0].receive(snapshot);
  time.pass(5000);
  assert.equal(opened.length, 1);
});

test("an abandoned socket can send nothing more", () => {
  const { time, opened, frames } = connection();
  opened[0].open();
  time.pass(31_000);
  opened[0].receive(snapshot);
  assert.deepEqual(frames, []);
});

test("connecting again abandons the old connection", () => {
  const { opened, frames, socket, links } = connection();
  opened[0].open();
  socket.redial();
  assert.equal(opened.length, 2);
  assert.equal(opened[0].closedWith, 1000);
  opened[0].receive(snapshot);
  assert.deepEqual(frames, []);
  opened[1].open();
  opened[1].receive(snapshot);
  assert.equal(frames.length, 1);
  assert.equal(links.at(-1).link, "open");
});

test("nothing is sent into a closed socket", () => {
  const { opened, socket } = connection();
  assert.equal(socket.send(say.stop("manual")), false);
  opened[0].open();
  opened[0].receive(snapshot);
  assert.equal(socket.send(say.stop("manual")), true);
  socket.close();
  assert.equal(socket.send(say.stop("manual")), false);
});

test("nothing is sent before the snapshot of this connection, and what follows from it is", () => {
  const sound = say.audio(1, new ArrayBuffer(8));
  const { time, opened, socket } = connection({ heard: (socket) => socket.send(sound) });
  opened[0].open();
  assert.equal(socket.send(sound), false);
  time.pass(10_000);
  assert.deepEqual(opened[0].sent, []);
  opened[0].receive(snapshot);
  assert.deepEqual([opened[0].messages("ping").length, opened[0].sent.at(-1)], [3, sound]);
  opened[0].drop();
  time.pass(500);
  opened[1].open();
  assert.equal(socket.send(sound), false);
  socket.redial();
  opened[2].open();
  assert.equal(socket.send(sound), false);
  opened[2].receive(snapshot);
  assert.equal(opened[2].sent.at(-1), sound);
});

test("a connection that is open again but silent keeps the clock of the one before", () => {
  const { time, opened, clock } = connection();
  opened[0].open();
  opened[0].receive(snapshot);
  const [ping] = opened[0].messages("ping");
  opened[0].receive({ type: "pong", clientTime: ping.clientTime, serverTime: new Date(9_000_000).toISOString() });
  opened[0].drop();
  time.pass(500);
  opened[1].open();
  assert.deepEqual([clock.now(), clock.calibrated()], [9_000_500, true]);
  opened[1].receive({ ...snapshot, serverTime: new Date(9_000_400).toISOString() });
  assert.deepEqual([clock.now(), clock.calibrated()], [9_000_400, false]);
});
