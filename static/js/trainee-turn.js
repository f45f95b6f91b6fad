// One trainee turn on its way to the server: streamed while spoken, kept until accepted, resent when needed.

const FRAME_BYTES = 1024; // pieces are a few dozen bytes; this many are sent together
const RESEND_FRAME_BYTES = 16 * 1024;
const KEEP_EVERY_MS = 500;
const PREROLL_MS = 150; // what the microphone worklet adds before a press

/**
 * `say` encodes messages, `send(frame)` is false without a connection, `clock` gives server time, `recordings` stores the audio.
 * `kept` is a recording found in this browser; otherwise a new one begins now, or `leadMs` ago.
 */
export function createTraineeTurn({ sessionId, sequence, say, send, clock, recordings, timers, kept = null, leadMs = PREROLL_MS }) {
  const startedAt = kept?.startedAt ?? new Date(clock.now() - leadMs).toISOString();
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

  // The server may still count an earlier try of this turn as speech (before a reload, a refusal or a lost connection).
  function begin() {
    started = true;
    return send(say.turnCancel(sequence)) && send(say.turnStart(sequence, past(startedAt)));
  }

  function finish() {
    return flush(FRAME_BYTES, true) && send(say.turnEnd(sequence, past(endedAt), clock.iso()));
  }

  // The clock may have been ahead when `time` was taken; the server takes no turn from the future.
  function past(time) {
    const now = clock.iso();
    return time < now ? time : now;
  }

  return {
    sequence,
    startedAt,
    endedAt: () => endedAt,
    seconds: () => seconds,
    bytes: () => pieces.reduce((sum, piece) => sum + piece.byteLength, 0),

    /** Tell the server that the trainee is speaking, then send what was recorded so far. */
    start: () => begin() && flush(FRAME_BYTES, false),

    add(bytes) {
      if (dropped) return;
      pieces.push(bytes);
      if (started) flush(FRAME_BYTES, false);
      if (timers.now() - lastKept >= KEEP_EVERY_MS) keep();
    },

    /** Everything recorded so far goes to the server, which is asked whether the trainee has finished. */
    askWhetherOver: () => started && flush(FRAME_BYTES, true) && send(say.turnPause(sequence)),

    /** The trainee released after `length` seconds of audio. False without a connection: resend later. */
    end(length) {
      if (dropped) return false;
      this.close(length);
      return started && finish();
    },

    /** Resend from the start, over a new connection or after a refusal; continues live if the trainee is still speaking. */
    sendAgain() {
      sent = 0;
      return begin() && flush(RESEND_FRAME_BYTES, true) && (endedAt === null || finish());
    },

    /** The server has the recording, but refused its times: send only the end, which a slow upload does not delay. */
    endAgain: finish,

    cancel() {
      dropped = true;
      pieces = [];
      send(say.turnCancel(sequence));
      return recordings.forget(sessionId, sequence, startedAt);
    },

    /** The server has it. */
    accepted() {
      dropped = true;
      return recordings.forget(sessionId, sequence);
    },

    /** End the turn with what was recorded so far, `length` seconds of it if known; it is not sent yet. */
    close(length = this.bytes() / 3000) { // 24 kbps
      if (endedAt !== null && seconds > 0) return;
      endedAt = new Date(Date.parse(startedAt) + length * 1000).toISOString();
      seconds = length;
      keep();
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
