// One thing the trainee says, on its way to the server: sent while it is spoken, kept until it is accepted, sent again when need be.

const FRAME_BYTES = 1024; // pieces are a few dozen bytes; this many travel together
const RESEND_FRAME_BYTES = 16 * 1024;
const KEEP_EVERY_MS = 500;
const PREROLL_MS = 150; // what the microphone worklet adds before the press

/**
 * `say` encodes messages, `send(frame)` is false where there is no connection, `clock` tells server time, `recordings` keeps what was said.
 * `kept` is a recording found in this browser; without it a new one begins now.
 */
export function createTraineeTurn({ sessionId, sequence, say, send, clock, recordings, timers, kept = null }) {
  const startedAt = kept?.startedAt ?? new Date(clock.now() - PREROLL_MS).toISOString();
  let pieces = kept ? [...kept.pieces] : [];
  let seconds = kept?.seconds ?? 0;
  let endedAt = kept?.endedAt ?? null;
  let started = false;
  let sent = 0; // pieces on the wire
  let lastKept = 0;
  let dropped = false;

  function keep() {
    lastKept = timers.now();
    return recordings.keep({ sessionId, sequence, startedAt, endedAt, pieces, seconds });
  }

  function flush(frameBytes, all) {
    while (sent < pieces.length) {
      let size = 0;
      let until = sent;
      while (until < pieces.length && size < frameBytes) {
        size += pieces[until].byteLength;
        until += 1;
      }
      if (size < frameBytes && !all) return true;
      if (!send(say.audio(sequence, joined(pieces.slice(sent, until), size)))) return false;
      sent = until;
    }
    return true;
  }

  function finish() {
    return flush(FRAME_BYTES, true) && send(say.turnEnd(sequence, endedAt, clock.iso()));
  }

  return {
    sequence,
    startedAt,
    endedAt: () => endedAt,
    seconds: () => seconds,
    bytes: () => pieces.reduce((sum, piece) => sum + piece.byteLength, 0),

    /** Tell the server that the trainee speaks; what was recorded meanwhile follows. */
    start() {
      started = true;
      return send(say.turnStart(sequence, startedAt)) && flush(FRAME_BYTES, false);
    },

    add(bytes) {
      if (dropped) return;
      pieces.push(bytes);
      if (started) flush(FRAME_BYTES, false);
      if (timers.now() - lastKept >= KEEP_EVERY_MS) keep();
    },

    /** The trainee let go after `length` seconds of sound. False where the connection was away: send it again later. */
    end(length) {
      if (dropped) return false;
      seconds = length;
      endedAt = new Date(Math.min(Date.parse(startedAt) + length * 1000, clock.now())).toISOString();
      keep();
      return started && finish();
    },

    /** From the beginning, over a new connection or after a refusal. Goes on live where the trainee still speaks. */
    sendAgain() {
      sent = 0;
      started = true;
      const begun = send(say.turnCancel(sequence)) && send(say.turnStart(sequence, startedAt)) && flush(RESEND_FRAME_BYTES, true);
      return begun && (endedAt === null || finish());
    },

    cancel() {
      dropped = true;
      pieces = [];
      if (started) send(say.turnCancel(sequence));
      return recordings.forget(sessionId, sequence);
    },

    /** The server has it. */
    accepted() {
      dropped = true;
      return recordings.forget(sessionId, sequence);
    },

    /** What was said before the page or the microphone went away counts as all of it. */
    close() {
      endedAt ??= new Date(Math.min(Date.parse(startedAt) + this.bytes() / 3, clock.now())).toISOString(); // 24 kbps: 3 bytes a ms
      seconds = (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
    },
  };
}

function joined(pieces, size) {
  const all = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    all.set(new Uint8Array(piece), at);
    at += piece.byteLength;
  }
  return all;
}
