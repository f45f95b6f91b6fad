// A worker that judges the microphone for hands-free talking: Silero VAD on ONNX Runtime's WebAssembly, every 32 ms.
//
// From the page: {type: "open", runtime, wasm, model}: addresses of ONNX Runtime's module, its WebAssembly, and Silero's weights
//                {type: "hear", port, sampleRate}: a microphone worklet's port, which sends blocks of Float32Array
// To the page:   {type: "ready"} · {type: "failed", name} · {type: "frame", probability, level, tilt}

const RATE = 16_000;
const FRAME = 512;
const CONTEXT = 64; // samples of the previous frame, which the model needs in front
const STATE = [2, 1, 128];
const REACH = 12; // zero crossings of the resampler's sinc on either side
const PHASES = 32;
const LONGEST_QUEUE = 30; // frames, about a second: beyond this the oldest are dropped

/** Resamples blocks of any rate to 16 kHz, by a windowed sinc. */
export class Resampler {
  constructor(rate) {
    this.step = rate / RATE;
    const cutoff = Math.min(1, 1 / this.step) * 0.94;
    this.half = Math.ceil(REACH / cutoff);
    this.kernels = Array.from({ length: PHASES }, (_, phase) => kernel(phase / PHASES, this.half, cutoff));
    this.input = new Float32Array(this.half); // silence before the first sample
    this.at = this.half;
  }

  push(block) {
    const input = new Float32Array(this.input.length + block.length);
    input.set(this.input);
    input.set(block, this.input.length);
    const out = [];
    for (; Math.ceil(this.at) + this.half < input.length; this.at += this.step) {
      const phase = Math.floor((this.at % 1) * PHASES);
      const taps = this.kernels[phase];
      const from = Math.floor(this.at) - this.half + 1;
      let sum = 0;
      for (let i = 0; i < taps.length; i += 1) sum += taps[i] * input[from + i];
      out.push(sum);
    }
    const gone = Math.floor(this.at) - this.half;
    this.input = input.slice(gone);
    this.at -= gone;
    return Float32Array.from(out);
  }
}

function kernel(offset, half, cutoff) {
  const taps = new Float32Array(2 * half);
  let sum = 0;
  for (let i = 0; i < taps.length; i += 1) {
    const x = i - half + 1 - offset;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x * cutoff) / (Math.PI * x * cutoff);
    taps[i] = sinc * (0.5 + 0.5 * Math.cos((Math.PI * x) / (half + 1)));
    sum += taps[i];
  }
  return taps.map((tap) => tap / sum);
}

/** Judges 16 kHz samples frame by frame. `ort` is ONNX Runtime, `session` Silero's (version 5 or 6). */
export class VoiceDetector {
  constructor({ ort, session }) {
    this.ort = ort;
    this.session = session;
    this.rate = new ort.Tensor("int64", BigInt64Array.from([BigInt(RATE)]), []);
    this.state = new ort.Tensor("float32", new Float32Array(STATE[0] * STATE[2]), STATE);
    this.context = new Float32Array(CONTEXT);
  }

  /**
   * `samples`: 512 of them. Gives the root mean square, the energy of their differences over their own energy, and
   * the probability of speech.
   */
  async judge(samples) {
    const input = new Float32Array(CONTEXT + FRAME);
    input.set(this.context);
    input.set(samples, CONTEXT);
    this.context = samples.slice(-CONTEXT);
    const answer = await this.session.run({ input: new this.ort.Tensor("float32", input, [1, input.length]), state: this.state, sr: this.rate });
    this.state = answer.stateN;
    return { probability: answer.output.data[0], ...shapeOf(samples) };
  }
}

function shapeOf(samples) {
  let energy = 0;
  let edges = 0;
  for (let i = 0; i < samples.length; i += 1) {
    energy += samples[i] ** 2;
    if (i > 0) edges += (samples[i] - samples[i - 1]) ** 2;
  }
  return { level: Math.sqrt(energy / samples.length), tilt: energy > 0 ? edges / energy : 0 };
}

/** Cuts a stream of 16 kHz samples into frames. */
export class Framer {
  constructor() {
    this.rest = new Float32Array(0);
  }

  push(samples) {
    const all = new Float32Array(this.rest.length + samples.length);
    all.set(this.rest);
    all.set(samples, this.rest.length);
    const frames = [];
    let at = 0;
    for (; at + FRAME <= all.length; at += FRAME) frames.push(all.slice(at, at + FRAME));
    this.rest = all.slice(at);
    return frames;
  }
}

if (globalThis.WorkerGlobalScope) {
  let detector = null;
  let source = null;
  let waiting = [];
  let judging = false;

  async function judgeWaiting() {
    if (judging || detector === null) return;
    judging = true;
    try {
      while (waiting.length > 0) globalThis.postMessage({ type: "frame", ...(await detector.judge(waiting.shift())) });
    } catch (error) {
      globalThis.postMessage({ type: "failed", name: error.name });
    } finally {
      judging = false;
    }
  }

  function hear({ port, sampleRate }) {
    source?.close();
    source = port;
    waiting = [];
    const resampler = new Resampler(sampleRate);
    const framer = new Framer();
    port.onmessage = ({ data }) => {
      waiting = [...waiting, ...framer.push(resampler.push(data))].slice(-LONGEST_QUEUE);
      judgeWaiting();
    };
  }

  async function open({ runtime, wasm, model }) {
    try {
      const ort = await import(runtime);
      ort.env.wasm.numThreads = 1; // more would need a cross-origin isolated page
      ort.env.wasm.wasmPaths = { wasm };
      const answer = await fetch(model);
      if (!answer.ok) throw new Error(`weights answered ${answer.status}`);
      const session = await ort.InferenceSession.create(new Uint8Array(await answer.arrayBuffer()), { executionProviders: ["wasm"] });
      const made = new VoiceDetector({ ort, session });
      await made.judge(new Float32Array(FRAME)); // the first run is slow
      detector = new VoiceDetector({ ort, session });
      globalThis.postMessage({ type: "ready" });
    } catch (error) {
      globalThis.postMessage({ type: "failed", name: error.name });
    }
  }

  globalThis.addEventListener("message", ({ data }) => {
    if (data.type === "open") open(data);
    else if (data.type === "hear") hear(data);
  });
}
