// Plays the AI's voice as it arrives: feeds PCM to the playback worklet, skips replays after a reconnect, and knows exactly what was heard.
// The server may also begin a turn anew, in other words; only its samples tell that from a replay.

const RATE = 24_000;
const STOP_ANSWER_MS = 150;

/**
 * `context` is an AudioContext, `node` its "playback" AudioWorkletNode, `timers` setTimeout and clearTimeout. `stretcher()` gives slow-speech.js's
 * `createStretcher`, or null while it has not been loaded: speech then keeps its pace. `slowPace` is what it is multiplied by otherwise.
 * `on.started(sequence)`, `on.ended(sequence)` (the last sample was heard), `on.level(0..1)`.
 */
export function createPlayer({ context, node, timers, on, stretcher = () => null, slowPace = 1 }) {
  let turn = null;
  let stopping = null;
  let slower = false;

  node.port.onmessage = ({ data }) => {
    if (data.type === "stopped") {
      stopping?.(data.samples);
      return;
    }
    if (turn === null || data.sequence !== turn.sequence) return;
    turn.heard = turn.skipped + data.samples * turn.rate;
    if (data.type === "progress") on.level(data.level);
    else if (data.type === "started") on.started(data.sequence);
    else if (data.type === "starved") on.level(0);
    else if (data.type === "ended") end(data.sequence);
  };

  function end(sequence) {
    turn = null;
    on.level(0);
    // The last samples are still on their way through the sound card.
    timers.setTimeout(() => on.ended(sequence), latency() * 1000);
  }

  function hand(pcm) {
    if (pcm.length > 0) node.port.postMessage({ type: "samples", sequence: turn.sequence, pcm }, [pcm.buffer]);
  }

  // The first `turn.known` samples of `turn.said` are what came so far.
  function keep(pcm) {
    const end = turn.cursor + pcm.length;
    if (end > turn.said.length) {
      const longer = new Int16Array(2 * end);
      longer.set(turn.said);
      turn.said = longer;
    }
    turn.said.set(pcm, turn.cursor);
    turn.known = Math.max(turn.known, end);
  }

  function latency() {
    return context.outputLatency || context.baseLatency || 0;
  }

  function heardMs(samples, received) {
    const heard = samples - latency() * RATE;
    return Math.round((Math.min(Math.max(heard, 0), received) / RATE) * 1000);
  }

  return {
    /**
     * Begin a turn, or begin again from its first sample; samples already received are not played twice, unless others come.
     * `skipMs` of it were heard before this page was loaded.
     */
    begin(sequence, skipMs = 0) {
      if (turn?.sequence === sequence) {
        turn.cursor = 0;
        return;
      }
      const skipped = Math.round((skipMs / 1000) * RATE);
      const createStretcher = slower ? stretcher() : null;
      const rate = createStretcher ? slowPace : 1;
      turn = { sequence, skipped, received: skipped, cursor: 0, heard: skipped, said: new Int16Array(), known: 0, whole: false, rate, stretcher: createStretcher?.(rate) ?? null };
      node.port.postMessage({ type: "begin", sequence });
    },

    push(sequence, pcm) {
      if (turn?.sequence !== sequence) return;
      const { said, known, cursor } = turn;
      if (pcm.some((sample, i) => cursor + i < known && sample !== said[cursor + i])) {
        turn = null;
        this.begin(sequence);
        this.push(sequence, said.slice(0, cursor));
      }
      keep(pcm);
      const old = Math.min(pcm.length, turn.received - turn.cursor);
      turn.cursor += pcm.length;
      this.append(sequence, old > 0 ? pcm.slice(old) : pcm);
    },

    /** Samples behind everything received so far. */
    append(sequence, pcm) {
      if (turn?.sequence !== sequence || pcm.length === 0) return;
      turn.received += pcm.length;
      turn.cursor = Math.max(turn.cursor, turn.received);
      hand(turn.stretcher === null ? pcm : turn.stretcher.push(pcm));
    },

    /** All of the turn's audio has arrived. */
    finish(sequence) {
      if (turn?.sequence !== sequence) return;
      turn.whole = true;
      if (turn.stretcher !== null) hand(turn.stretcher.flush());
      node.port.postMessage({ type: "finish", sequence });
    },

    /** Stop within 5 ms. Resolves to what was heard, `{sequence, playedMs}`, or null if nothing was playing. */
    async stop() {
      if (turn === null) return null;
      const { sequence, received, skipped, rate } = turn;
      const last = (turn.heard - skipped) / rate;
      const samples = await new Promise((resolve) => {
        const late = timers.setTimeout(() => resolve(last), STOP_ANSWER_MS); // a suspended context never answers
        stopping = (played) => {
          timers.clearTimeout(late);
          resolve(played);
        };
        node.port.postMessage({ type: "stop" });
      });
      stopping = null;
      if (turn?.sequence === sequence) turn = null;
      on.level(0);
      return { sequence, playedMs: heardMs(skipped + samples * rate, received) };
    },

    /** While somebody may be interrupting: `how` is "low", "silent" or "not". */
    giveWay(how) {
      if (turn !== null) node.port.postMessage({ type: "give-way", how });
    },

    /** Speak more slowly, at the same pitch, from the next turn on. */
    speakSlower(is) {
      slower = is;
    },

    playing: () => turn?.sequence ?? null,
    playedMs: () => heardMs(turn?.heard ?? 0, turn?.received ?? 0),
    receivedMs: () => Math.round(((turn?.received ?? 0) / RATE) * 1000),

    /** Whether all of what is playing has arrived. */
    isWhole: () => turn?.whole ?? false,

    /** Autoplay was refused or a phone call interrupted: nothing is heard until the context runs again. */
    blocked: () => context.state !== "running",
  };
}
