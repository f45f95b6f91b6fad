// The trainee's voice: microphone → worklet → MP3 in a worker, handed over piece by piece while they speak.

export const LIMIT_BYTES = 128 * 1024;
export const LIMIT_SECONDS = 43;
export const WARNING_AT = 0.8;
const BYTES_PER_SECOND = 3000; // 24 kbps
const FLUSH_BYTES = 1024; // what the encoder still holds when the microphone stops

/** How full a take is, 0..1: whichever of time and size runs out first. */
export function fullness(seconds, bytes) {
  return Math.min(1, Math.max(seconds / LIMIT_SECONDS, bytes / LIMIT_BYTES));
}

/**
 * `mediaDevices`, `createContext`, `createNode(context, source)`, `createWorker`, `createChannel` and `timers` (setInterval, clearInterval, now in ms)
 * are the browser's. `encoder` is `{library, wasm}`, addresses for the worker.
 *
 * `on.piece(take, bytes)` MP3 as it is made · `on.meter({seconds, bytes, fraction, warning})` · `on.level(0..1)`
 * `on.full(take)` the limit is reached, the take stops by itself · `on.done(take, {seconds, bytes})` every piece was handed over
 * `on.lost()` the microphone went away · `on.failed()` the encoder cannot run here
 */
export function createRecorder({ mediaDevices, createContext, createNode, createWorker, createChannel, encoder, timers, on }) {
  let stream = null;
  let context = null;
  let node = null;
  let worker = null;
  let opening = null;
  let take = 0;
  let current = null;
  let meter = null;

  async function open() {
    if (stream?.active) return;
    opening ??= start().finally(() => {
      opening = null;
    });
    await opening;
  }

  async function start() {
    const heard = await mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
    stream = heard;
    for (const track of heard.getAudioTracks()) {
      track.onended = () => {
        if (stream !== heard) return;
        release();
        on.lost();
      };
    }
    context ??= createContext();
    context.resume(); // may wait for the first press; what is said before that press is nobody's business
    node = await createNode(context, heard);
    node.port.onmessage = ({ data }) => {
      if (data.type === "level") on.level(data.level);
    };
    const channel = createChannel();
    worker?.terminate();
    worker = createWorker();
    worker.onmessage = ({ data }) => hear(data);
    worker.onerror = () => on.failed();
    worker.postMessage({ type: "open", port: channel.port2, ...encoder }, [channel.port2]);
    node.port.postMessage({ type: "connect", port: channel.port1 }, [channel.port1]);
  }

  function hear(data) {
    if (data.type === "failed") on.failed();
    if (current === null || data.take !== current.take) return;
    if (data.type === "mp3") {
      current.bytes += data.bytes.byteLength;
      on.piece(current.take, data.bytes);
      measure();
    } else if (data.type === "end") {
      const { take: done, bytes } = current;
      current = null;
      on.done(done, { seconds: data.seconds, bytes });
    }
  }

  function measure() {
    if (current === null || current.stopping) return;
    const seconds = (timers.now() - current.since) / 1000;
    const fraction = fullness(seconds, current.bytes);
    on.meter({ seconds, bytes: current.bytes, fraction, warning: fraction >= WARNING_AT });
    if (seconds < LIMIT_SECONDS - 0.5 && current.bytes < LIMIT_BYTES - FLUSH_BYTES - BYTES_PER_SECOND / 2) return;
    const full = current.take;
    stop();
    on.full(full);
  }

  function stop() {
    if (current === null || current.stopping) return;
    current.stopping = true;
    timers.clearInterval(meter);
    node?.port.postMessage({ type: "stop", take: current.take });
  }

  function release() {
    timers.clearInterval(meter);
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    node?.disconnect();
    node = null;
    worker?.terminate();
    worker = null;
    current = null;
  }

  return {
    /** Ask for the microphone and get everything ready; throws what `getUserMedia` throws. */
    open,

    /** Begin a take and return its number. The microphone must be open. */
    start() {
      take += 1;
      context.resume();
      current = { take, bytes: 0, since: timers.now(), stopping: false };
      node.port.postMessage({ type: "start", take });
      timers.clearInterval(meter);
      meter = timers.setInterval(measure, 100);
      measure();
      return take;
    },

    /** End the take after a last breath; `on.done` follows. */
    stop,

    /** Drop the take: nothing more of it is handed over. */
    cancel() {
      timers.clearInterval(meter);
      current = null;
      node?.port.postMessage({ type: "cancel" });
    },

    isOpen: () => Boolean(stream?.active && node),
    isRecording: () => current !== null && !current.stopping,

    /** Let go of the microphone. */
    close() {
      release();
      context?.close();
      context = null;
    },
  };
}
