// The playback worklet: resamples 24 kHz PCM to the sound card's rate, without clicks, and counts exactly what was played.
//
// From the page: {type: "begin", sequence} · {type: "samples", sequence, pcm: Int16Array} · {type: "finish", sequence} · {type: "stop"}
//                {type: "give-way", how: "not" | "low" | "silent"}
// To the page:   {type: "started" | "starved" | "ended" | "stopped", sequence, samples} · {type: "progress", sequence, samples, level}
// `samples` counts 24 kHz samples handed to the sound card.

const SOURCE_RATE = 24_000;
const RAMP_SECONDS = 0.005;
const LOWERED = 0.2; // 14 dB down: still to be followed, but it gives way
const LOWER_SECONDS = 0.03;
const RAISE_SECONDS = 0.2;
const RESUME_SECONDS = 0.03; // from silence: it begins at a word
const AGAIN_SAMPLES = 12_000; // how far it may go back to the beginning of that word, 0.5 s
const WORD_GAP_SAMPLES = 480; // the quietest 20 ms are where the word begins
const FIRST_FILL_SECONDS = 0.06;
const LONGEST_FILL_SECONDS = 0.48;

/**
 * A growing ring buffer of samples: append at one end, read at fractional positions from the other. The last AGAIN_SAMPLES that were dropped can
 * be taken back.
 */
export class SampleQueue {
  constructor(capacity = 1 << 16) {
    this.ring = new Float32Array(capacity);
    this.head = 0;
    this.length = 0;
    this.gone = 0; // of those dropped, how many are still there
  }

  append(pcm) {
    const needed = this.gone + this.length + pcm.length;
    if (needed > this.ring.length) this.#grow(needed);
    const mask = this.ring.length - 1;
    let at = (this.head + this.length) & mask;
    for (let i = 0; i < pcm.length; i += 1) {
      this.ring[at] = pcm[i] / 32768;
      at = (at + 1) & mask;
    }
    this.length += pcm.length;
  }

  /** The sample `offset` places after the head, or before it if that was dropped lately; silence beyond either end. */
  at(offset) {
    return offset < this.length && offset >= -this.gone ? this.ring[(this.head + offset) & (this.ring.length - 1)] : 0;
  }

  drop(count) {
    const gone = Math.min(count, this.length);
    this.head = (this.head + gone) & (this.ring.length - 1);
    this.length -= gone;
    this.gone = Math.min(AGAIN_SAMPLES, this.gone + gone);
    return gone;
  }

  /** Take back the samples since the quietest moment among those dropped last; returns how many. */
  takeBackWord() {
    let sum = 0;
    let least = Infinity;
    let back = 0;
    for (let i = 1; i <= this.gone; i += 1) {
      sum += Math.abs(this.at(-i));
      if (i > WORD_GAP_SAMPLES) sum -= Math.abs(this.at(WORD_GAP_SAMPLES - i));
      if (i >= WORD_GAP_SAMPLES && sum < least) [least, back] = [sum, i - WORD_GAP_SAMPLES / 2];
    }
    this.head = (this.head - back) & (this.ring.length - 1);
    this.length += back;
    this.gone -= back;
    return back;
  }

  clear() {
    this.length = 0;
    this.gone = 0;
  }

  #grow(needed) {
    let capacity = this.ring.length;
    while (capacity < needed) capacity *= 2;
    const ring = new Float32Array(capacity);
    for (let i = -this.gone; i < this.length; i += 1) ring[this.gone + i] = this.at(i);
    this.ring = ring;
    this.head = this.gone;
  }
}

/** A turn's voice through a small jitter buffer. `report` receives the messages listed above. */
export class Voice {
  constructor({ outputRate, report }) {
    this.step = SOURCE_RATE / outputRate;
    this.slope = 1 / (RAMP_SECONDS * outputRate);
    this.rampSamples = RAMP_SECONDS * SOURCE_RATE;
    this.falling = (1 - LOWERED) / (LOWER_SECONDS * outputRate);
    this.rising = (1 - LOWERED) / (RAISE_SECONDS * outputRate);
    this.resuming = 1 / (RESUME_SECONDS * outputRate);
    this.report = report;
    this.queue = new SampleQueue();
    this.#reset(null);
  }

  begin(sequence) {
    this.#reset(sequence);
  }

  append(sequence, pcm) {
    if (sequence === this.sequence && !this.stopping) this.queue.append(pcm);
  }

  finish(sequence) {
    if (sequence === this.sequence) this.finished = true;
  }

  stop() {
    if (this.sequence === null || this.gain === 0 || this.#waits()) this.#stopped();
    else this.stopping = true;
  }

  /**
   * Speak "low" while somebody may be speaking; fall "silent" and keep the place while they probably are; "not": go on at full loudness, from
   * silence with the word that was cut. Each turn begins at full loudness.
   */
  giveWay(how) {
    if (how !== "silent" && this.#waits()) {
      this.again += this.queue.takeBackWord();
      this.position = 0;
      this.previous = this.queue.at(-1);
      this.woken = true;
    }
    this.volumeWanted = { not: 1, low: LOWERED, silent: 0 }[how];
  }

  /** Fill `out`, an array of samples for one channel. */
  render(out) {
    let loudness = 0;
    for (let i = 0; i < out.length; i += 1) {
      out[i] = !this.#waits() && this.#ready() ? this.#next() : 0;
      loudness += out[i] * out[i];
    }
    return Math.sqrt(loudness / out.length);
  }

  #waits() {
    return this.volumeWanted === 0 && this.volume === 0 && this.playing;
  }

  #ready() {
    if (this.sequence === null) return false;
    if (this.playing) return true;
    const enough = this.queue.length >= this.fill * SOURCE_RATE;
    if (!enough && !this.finished) return false;
    if (this.queue.length === 0) {
      this.#ended();
      return false;
    }
    this.playing = true;
    if (!this.heard) this.report({ type: "started", sequence: this.sequence, samples: 0 });
    this.heard = true;
    return true;
  }

  #next() {
    const ceiling = this.stopping ? 0 : Math.min(1, this.queue.length / this.rampSamples);
    this.gain = ceiling < this.gain ? Math.max(ceiling, this.gain - this.slope) : Math.min(ceiling, this.gain + this.slope);
    if (this.volume >= this.volumeWanted) this.volume = Math.max(this.volumeWanted, this.volume - this.falling);
    else this.volume = Math.min(this.volumeWanted, this.volume + (this.woken ? this.resuming : this.rising));
    if (this.volume === this.volumeWanted) this.woken = false;
    const value = this.#interpolated() * this.gain * this.volume;
    this.position += this.step;
    const whole = Math.floor(this.position);
    if (whole > 0) {
      this.previous = this.queue.at(whole - 1);
      const gone = this.queue.drop(whole);
      const heardBefore = Math.min(this.again, gone);
      this.again -= heardBefore;
      this.samples += gone - heardBefore;
      this.position -= whole;
    }
    if (this.stopping && this.gain === 0) this.#stopped();
    else if (this.queue.length === 0) this.#ranDry();
    return value;
  }

  // Four-point Hermite; exact where the sound card runs at 24 kHz.
  #interpolated() {
    const t = this.position;
    const now = this.queue.at(0);
    if (t === 0) return now;
    const next = this.queue.at(1);
    const slopeHere = (next - this.previous) / 2;
    const slopeThere = (this.queue.at(2) - now) / 2;
    const bend = now - next;
    return ((slopeHere + slopeThere + 2 * bend) * t - (2 * slopeHere + slopeThere + 3 * bend)) * t * t + slopeHere * t + now;
  }

  #ranDry() {
    this.playing = false;
    this.gain = 0;
    this.previous = 0;
    this.position = 0;
    if (this.finished) {
      this.#ended();
      return;
    }
    this.fill = Math.min(this.fill * 2, LONGEST_FILL_SECONDS);
    this.report({ type: "starved", sequence: this.sequence, samples: this.samples });
  }

  #ended() {
    const { sequence, samples } = this;
    this.#reset(null);
    this.report({ type: "ended", sequence, samples });
  }

  #stopped() {
    const { sequence, samples } = this;
    this.#reset(null);
    this.report({ type: "stopped", sequence, samples });
  }

  #reset(sequence) {
    this.sequence = sequence;
    this.queue.clear();
    this.samples = 0;
    this.position = 0;
    this.previous = 0;
    this.gain = 0;
    this.volumeWanted = 1;
    this.volume = 1;
    this.woken = false; // it goes on after a silence
    this.again = 0; // samples that were heard before and are played once more
    this.fill = FIRST_FILL_SECONDS;
    this.playing = false;
    this.heard = false;
    this.finished = false;
    this.stopping = false;
  }
}

const PROGRESS_SECONDS = 0.04;

if (globalThis.registerProcessor) {
  registerProcessor(
    "playback",
    class extends AudioWorkletProcessor {
      constructor() {
        super();
        this.voice = new Voice({ outputRate: sampleRate, report: (message) => this.port.postMessage(message) });
        this.sinceReport = 0;
        this.port.onmessage = ({ data }) => {
          if (data.type === "begin") this.voice.begin(data.sequence);
          else if (data.type === "samples") this.voice.append(data.sequence, data.pcm);
          else if (data.type === "finish") this.voice.finish(data.sequence);
          else if (data.type === "stop") this.voice.stop();
          else if (data.type === "give-way") this.voice.giveWay(data.how);
        };
      }

      process(_inputs, [output]) {
        const { sequence } = this.voice;
        const level = this.voice.render(output[0]);
        for (let channel = 1; channel < output.length; channel += 1) output[channel].set(output[0]);
        this.sinceReport += output[0].length / sampleRate;
        if (sequence !== null && this.voice.sequence === sequence && this.sinceReport >= PROGRESS_SECONDS) {
          this.sinceReport = 0;
          this.port.postMessage({ type: "progress", sequence, samples: this.voice.samples, level });
        }
        return true;
      }
    },
  );
}
