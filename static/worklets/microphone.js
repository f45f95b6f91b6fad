// The microphone worklet: sends blocks of samples straight to the encoder's port, bypassing the main thread.
//
// From the page: {type: "connect", port} · {type: "listen", port}: every block, for the voice detector (vad.js)
//                {type: "start", take, leadSeconds?} · {type: "stop", take, tailSeconds?} · {type: "cancel"}
// To the page:   {type: "level", level} every 50 ms, root mean square of 0..1
// To the encoder: {type: "begin", take, sampleRate} · {type: "samples", take, samples: Float32Array} · {type: "end", take} · {type: "cancel", take}

const BLOCK = 2048;
const LISTENED_BLOCK = 1024; // 21 ms at 48 kHz
const PREROLL_SECONDS = 0.15;
const LONGEST_LEAD_SECONDS = 2.5; // hands-free: until speech is known to be speech
const TAIL_SECONDS = 0.15;
const LEVEL_SECONDS = 0.05;

/** Cuts a running microphone into takes, with a short lead before the press and a tail after the release. */
export class Takes {
  constructor({ rate, send }) {
    this.rate = rate;
    this.send = send;
    this.preroll = new Float32Array(Math.round(rate * LONGEST_LEAD_SECONDS));
    this.prerollAt = 0;
    this.prerollFilled = 0;
    this.block = new Float32Array(BLOCK);
    this.filled = 0;
    this.take = null;
    this.tail = Infinity;
  }

  start(take, leadSeconds = PREROLL_SECONDS) {
    this.take = take;
    this.tail = Infinity;
    this.filled = 0;
    this.send({ type: "begin", take, sampleRate: this.rate });
    const size = this.preroll.length;
    const lead = Math.min(this.prerollFilled, Math.round(this.rate * leadSeconds));
    for (let i = 0; i < lead; i += 1) this.#keep(this.preroll[(this.prerollAt - lead + i + size) % size]);
    this.prerollFilled = 0;
  }

  stop(take, tailSeconds = TAIL_SECONDS) {
    if (take === this.take && this.tail === Infinity) this.tail = Math.round(this.rate * tailSeconds);
  }

  cancel() {
    if (this.take !== null) this.send({ type: "cancel", take: this.take });
    this.take = null;
  }

  hear(samples) {
    for (let i = 0; i < samples.length; i += 1) {
      if (this.take === null) this.#remember(samples[i]);
      else this.#record(samples[i]);
    }
  }

  #remember(sample) {
    this.preroll[this.prerollAt] = sample;
    this.prerollAt = (this.prerollAt + 1) % this.preroll.length;
    this.prerollFilled = Math.min(this.prerollFilled + 1, this.preroll.length);
  }

  #record(sample) {
    this.#keep(sample);
    this.tail -= 1;
    if (this.tail > 0) return;
    this.#flush();
    this.send({ type: "end", take: this.take });
    this.take = null;
  }

  #keep(sample) {
    this.block[this.filled] = sample;
    this.filled += 1;
    if (this.filled === BLOCK) this.#flush();
  }

  #flush() {
    if (this.filled === 0) return;
    const samples = this.block.slice(0, this.filled);
    this.filled = 0;
    this.send({ type: "samples", take: this.take, samples }, [samples.buffer]);
  }
}

if (globalThis.registerProcessor) {
  registerProcessor(
    "microphone",
    class extends AudioWorkletProcessor {
      constructor() {
        super();
        this.encoder = null;
        this.takes = new Takes({ rate: sampleRate, send: (message, transfer) => this.encoder?.postMessage(message, transfer ?? []) });
        this.power = 0;
        this.counted = 0;
        this.listener = null;
        this.heard = new Float32Array(BLOCK);
        this.heardFilled = 0;
        this.port.onmessage = ({ data }) => {
          if (data.type === "connect") this.encoder = data.port;
          else if (data.type === "listen") this.listener = data.port;
          else if (data.type === "start") this.takes.start(data.take, data.leadSeconds);
          else if (data.type === "stop") this.takes.stop(data.take, data.tailSeconds);
          else if (data.type === "cancel") this.takes.cancel();
        };
      }

      overheard(samples) {
        if (this.listener === null) return;
        this.heard.set(samples, this.heardFilled);
        this.heardFilled += samples.length;
        if (this.heardFilled + samples.length <= LISTENED_BLOCK) return;
        const block = this.heard.slice(0, this.heardFilled);
        this.heardFilled = 0;
        this.listener.postMessage(block, [block.buffer]);
      }

      process([input]) {
        const samples = input[0];
        if (!samples) return true;
        this.takes.hear(samples);
        this.overheard(samples);
        for (let i = 0; i < samples.length; i += 1) this.power += samples[i] * samples[i];
        this.counted += samples.length;
        if (this.counted >= sampleRate * LEVEL_SECONDS) {
          this.port.postMessage({ type: "level", level: Math.sqrt(this.power / this.counted) });
          this.power = 0;
          this.counted = 0;
        }
        return true;
      }
    },
  );
}
