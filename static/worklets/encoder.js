// A worker that turns microphone samples into MP3 (mono, 16 kHz, 24 kbps) while the trainee speaks. LAME resamples by itself.
//
// From the page: {type: "open", library, wasm, port}: addresses of the encoder's script and WebAssembly, and the microphone's port
//                {type: "finish", take}: the microphone worklet has stopped, finish the take
// To the page:   {type: "ready"} · {type: "failed"} · {type: "mp3", take, bytes: ArrayBuffer} · {type: "end", take, seconds}

const RATE = 16_000;
const KBPS = 24;

/** Encodes one take at a time; `emit` receives the "mp3" and "end" messages. */
export class TakeEncoder {
  constructor({ encoder, emit }) {
    this.encoder = encoder;
    this.emit = emit;
    this.take = null;
  }

  hear(message) {
    if (message.type === "begin") this.#begin(message);
    else if (message.take !== this.take) return;
    else if (message.type === "samples") this.#encode(message.samples);
    else if (message.type === "end") this.#end();
    else if (message.type === "cancel") this.take = null;
  }

  #begin({ take, sampleRate }) {
    this.take = take;
    this.sampleRate = sampleRate;
    this.samples = 0;
    this.encoder.configure({ sampleRate, channels: 1, bitrate: KBPS, outputSampleRate: RATE });
  }

  #encode(samples) {
    this.samples += samples.length;
    this.#hand(this.encoder.encode([samples]));
  }

  #end() {
    this.#hand(this.encoder.finalize());
    this.emit({ type: "end", take: this.take, seconds: this.samples / this.sampleRate });
    this.take = null;
  }

  #hand(mp3) {
    if (mp3.length === 0) return;
    const bytes = mp3.slice().buffer; // the encoder reuses its own memory
    this.emit({ type: "mp3", take: this.take, bytes }, [bytes]);
  }
}

if (globalThis.WorkerGlobalScope) {
  const waiting = [];
  let hear = (message) => waiting.push(message);
  globalThis.addEventListener("message", async ({ data }) => {
    if (data.type === "finish") hear({ type: "end", take: data.take });
    if (data.type !== "open") return;
    data.port.onmessage = ({ data: message }) => hear(message);
    try {
      await import(data.library); // defines globalThis.WasmMediaEncoder
      const encoder = await globalThis.WasmMediaEncoder.createEncoder("audio/mpeg", data.wasm);
      const take = new TakeEncoder({ encoder, emit: (message, transfer) => globalThis.postMessage(message, transfer ?? []) });
      hear = (message) => take.hear(message);
      waiting.forEach(hear);
      globalThis.postMessage({ type: "ready" });
    } catch (error) {
      globalThis.postMessage({ type: "failed", name: error.name });
    }
  });
}
