// A session's WebSocket: every frame of the protocol, and reconnection. Mirrors practice/session_socket/protocol.py.

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const OPEN_MS = 8000; // grows with each try: a slow network may need longer
const STUCK_MS = 2000;
const PING_MS = 10_000;
const SILENCE_MS = 25_000;
const PROBE_MS = 4_000;
const CALIBRATION_PINGS = 3;

const SESSION_GONE = 4404;
const SIGNED_OUT = 4401;
const FLOODED = 4400;

/** Client to server: one function per message, each returning what `WebSocket.send` takes. */
export const say = {
  turnStart: (sequence, startedAt) => json({ type: "turn_start", sequence, startedAt }),
  turnEnd: (sequence, endedAt, clientSentAt) => json({ type: "turn_end", sequence, endedAt, clientSentAt }),
  turnText: (sequence, { startedAt, endedAt, clientSentAt, text }) =>
    json({ type: "turn_text", sequence, startedAt, endedAt, clientSentAt, text }),
  turnPause: (sequence) => json({ type: "turn_pause", sequence }),
  turnCancel: (sequence) => json({ type: "turn_cancel", sequence }),
  interrupt: (sequence, playedMs) => json({ type: "interrupt", sequence, playedMs }),
  playbackEnded: (sequence) => json({ type: "playback_ended", sequence }),
  telemetry: (idleSeconds, elapsedSeconds) => json({ type: "telemetry", idleSeconds, elapsedSeconds }),
  stop: (reason) => json({ type: "stop", reason }),
  ping: (clientTime) => json({ type: "ping", clientTime }),
  audio: (sequence, bytes) => {
    const frame = new Uint8Array(4 + bytes.byteLength);
    new DataView(frame.buffer).setUint32(0, sequence, true);
    frame.set(new Uint8Array(bytes), 4);
    return frame.buffer;
  },
};

function json(message) {
  return JSON.stringify(message);
}

/** Server to client: a frame as data. Binary frames become `{type: "audio", sequence, pcm: Int16Array}`; anything else is null. */
export function read(data) {
  if (typeof data !== "string") {
    if (data.byteLength < 4) return null;
    const sequence = new DataView(data).getUint32(0, true);
    return { type: "audio", sequence, pcm: new Int16Array(data.slice(4, data.byteLength - (data.byteLength % 2))) };
  }
  try {
    const message = JSON.parse(data);
    return typeof message?.type === "string" ? message : null;
  } catch {
    return null;
  }
}

/** Milliseconds before try number `attempt` (from 1): exponential, with jitter over its upper half so that clients do not reconnect all at once. */
export function backOff(attempt, random) {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));
  return longest / 2 + (random() * longest) / 2;
}

/**
 * Keeps a session's socket open. `url` is a string, or a function called on every connect. `on` receives `{link: "connecting" | "open" | "lost" | "gone" | "signed-out", attempt, everOpened}` through `on.link`
 * and every frame through `on.frame`; `pong` is consumed here and feeds `clock`.
 */
export function createSocket({ url, WebSocket, clock, timers, random = Math.random, on }) {
  let socket = null;
  let listening = null; // the socket whose snapshot was read: the server reads nothing before it
  let attempt = 0;
  let everOpened = false;
  let closed = false;
  let retry = null;
  let heard = 0; // when this connection last gave a sign of life, or was begun
  let pulse = null;
  let probe = null;

  function connect() {
    timers.clearTimeout(retry);
    retry = null;
    tell("connecting");
    let mine;
    try {
      mine = new WebSocket(typeof url === "function" ? url() : url);
    } catch {
      lose(0); // refused by the browser (policy or blocker): handled like a failed connection
      return;
    }
    mine.binaryType = "arraybuffer";
    socket = mine;
    heard = timers.now();
    timers.clearTimeout(probe);
    probe = timers.setTimeout(() => mine.readyState === 0 && abandon(), OPEN_MS * Math.min(Math.max(attempt, 1), 3));
    mine.onopen = () => {
      if (socket !== mine) return;
      heard = timers.now();
      everOpened = true;
      timers.clearInterval(pulse);
      pulse = timers.setInterval(beat, PING_MS);
    };
    mine.onmessage = ({ data }) => {
      if (socket !== mine) return;
      heard = timers.now();
      hear(read(data));
    };
    mine.onclose = ({ code }) => {
      if (socket !== mine) return;
      lose(code);
    };
  }

  function hear(frame) {
    if (frame === null) return;
    if (frame.type === "pong") {
      clock.answered(frame);
      return;
    }
    if (frame.type === "session") {
      attempt = 0;
      if (listening !== socket) clock.forget();
      listening = socket;
      if (!clock.calibrated()) clock.told(frame.serverTime);
      pings();
    }
    on.frame(frame);
    // Only now: by what the page knew before it would be their turn, and then a line would play that was not heard yet.
    if (frame.type === "session") tell("open");
  }

  function lose(code) {
    socket = null;
    timers.clearInterval(pulse);
    timers.clearTimeout(probe);
    if (closed) return;
    if (code === SESSION_GONE || code === SIGNED_OUT) {
      closed = true;
      tell(code === SIGNED_OUT ? "signed-out" : "gone");
      return;
    }
    attempt = code === FLOODED ? Math.max(attempt + 1, 5) : attempt + 1;
    tell("lost");
    retry = timers.setTimeout(connect, backOff(attempt, random));
  }

  function tell(link) {
    on.link({ link, attempt, everOpened });
  }

  function ping() {
    send(say.ping(clock.clientTime()));
  }

  function pings() {
    for (let i = 0; i < CALIBRATION_PINGS; i += 1) ping();
  }

  function beat() {
    if (timers.now() - heard > SILENCE_MS) abandon();
    else ping();
  }

  // A dead connection can take minutes to close: abandon it and reconnect.
  function abandon() {
    const dead = socket;
    if (dead === null) return;
    lose(0);
    dead.close();
  }

  function redial() {
    if (closed) return;
    const old = socket;
    socket = null;
    old?.close(1000);
    connect();
  }

  function send(frame) {
    if (socket === null || socket !== listening || socket.readyState !== 1) return false;
    socket.send(frame);
    return true;
  }

  return {
    connect,
    /** False without a connection, or before its snapshot. */
    send,

    /** The page woke up or the network came back: probe the connection now. */
    check() {
      if (closed) return;
      if (socket === null) {
        connect();
        return;
      }
      if (socket.readyState !== 1) {
        if (timers.now() - heard > STUCK_MS) redial();
        return;
      }
      const asked = timers.now();
      ping();
      timers.clearTimeout(probe);
      probe = timers.setTimeout(() => {
        if (heard < asked) abandon();
      }, PROBE_MS);
    },

    /** Reconnect to get a fresh snapshot. */
    redial,

    calibrate() {
      clock.forget();
      pings();
    },

    close() {
      closed = true;
      timers.clearTimeout(retry);
      timers.clearInterval(pulse);
      timers.clearTimeout(probe);
      socket?.close(1000);
      socket = null;
    },
  };
}
