// Stand-ins for browser objects: a clock moved by the test, timers that follow it, event targets and ports.

/** Resolves once the promises and callbacks that are ready now have run. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));

export function createTime(start = 1_000_000) {
  let now = start;
  let next = 1;
  const due = new Map();

  function add(handler, delay, every) {
    const id = next;
    next += 1;
    due.set(id, { at: now + delay, handler, every });
    return id;
  }

  return {
    now: () => now,
    setTimeout: (handler, delay) => add(handler, delay, null),
    setInterval: (handler, delay) => add(handler, delay, delay),
    clearTimeout: (id) => due.delete(id),
    clearInterval: (id) => due.delete(id),
    /** How many timers are set. */
    waiting: () => due.size,
    pass(ms) {
      const end = now + ms;
      for (;;) {
        const [id, soonest] = [...due].sort(([, a], [, b]) => a.at - b.at)[0] ?? [];
        if (id === undefined || soonest.at > end) break;
        now = soonest.at;
        if (soonest.every === null) due.delete(id);
        else soonest.at += soonest.every;
        soonest.handler();
      }
      now = end;
    },
  };
}

/** A message port that keeps what was posted to it; `deliver` sends it a message from the other side. */
export function createPort() {
  const posted = [];
  return {
    posted,
    onmessage: null,
    postMessage: (message) => posted.push(message),
    deliver(data) {
      this.onmessage?.({ data });
    },
  };
}

export function createWebSockets() {
  const opened = [];
  class FakeWebSocket {
    constructor(url) {
      this.url = url;
      this.readyState = 0;
      this.sent = [];
      opened.push(this);
    }

    send(frame) {
      this.sent.push(frame);
    }

    close(code) {
      this.closedWith = code;
      this.readyState = 3;
    }

    open() {
      this.readyState = 1;
      this.onopen();
    }

    receive(data) {
      this.onmessage({ data: typeof data === "string" || data instanceof ArrayBuffer ? data : JSON.stringify(data) });
    }

    drop(code = 1006) {
      this.readyState = 3;
      this.onclose({ code });
    }

    messages(type) {
      return this.sent.filter((frame) => typeof frame === "string").map((frame) => JSON.parse(frame)).filter((frame) => frame.type === type);
    }
  }
  return { WebSocket: FakeWebSocket, opened };
}

export function session(changes = {}) {
  return { id: "s1", status: "active", terminationReason: null, startedAt: "2026-11-22T10:00:00Z", endedAt: null, idleLimitSeconds: 8, durationLimitSeconds: 300, ...changes };
}

export function aiTurn(sequence, changes = {}) {
  return { id: `t${sequence}`, sessionId: "s1", sequence, speaker: "ai", transcript: `line ${sequence}`, asrStatus: null, interrupted: false, startedAt: "2026-11-22T10:00:01Z", endedAt: "2026-11-22T10:00:05Z", ...changes };
}

export function traineeTurn(sequence, changes = {}) {
  return { ...aiTurn(sequence), speaker: "trainee", asrStatus: "completed", ...changes };
}

/**
 * An `<audio>` element. `heard` lists what it played, with the second it started at if that is not 0. It always refuses
 * `broken` addresses, and refuses any address the first few times.
 */
export function speaker({ broken = [], refusals = 0 } = {}) {
  const audio = new EventTarget();
  let from = "";
  audio.heard = [];
  Object.defineProperty(audio, "src", {
    get: () => from,
    set: (address) => {
      from = address;
      audio.currentTime = 0;
    },
  });
  audio.play = async () => {
    if (broken.includes(from) || refusals-- > 0) {
      audio.dispatchEvent(new Event("error"));
      throw new DOMException("gone", "NotSupportedError");
    }
    audio.heard.push(audio.currentTime > 0 ? `${from} from ${audio.currentTime}` : from);
  };
  audio.pause = () => {};
  return audio;
}
