// The trainee's voice: microphone → worklet → MP3 in a worker, handed over piece by piece while they speak.

import { close, resume } from "./audio-context.js";
import { deferred, within } from "./deadline.js";
import { letGo, MicrophoneProblem, openMicrophone } from "./microphone.js";

export const LIMIT_BYTES = 128 * 1024;
export const LIMIT_SECONDS = 43;
export const WARNING_AT = 0.8;
const BYTES_PER_SECOND = 3000; // 24 kbps
const FLUSH_BYTES = 1024; // what the encoder still holds when the microphone stops
const USUAL_RATE = 48_000;
const GRAPH_MS = 4000;
const ENCODER_MS = 10_000; // its code may still be loading
const STALLED_MS = 1500; // a take ends when its context has not run for this long
const TAIL_MS = 700; // time for the worklet to end a take, and again for the encoder

/** How full a take is, 0..1, by time or size, whichever is fuller. */
export function fullness(seconds, bytes) {
  return Math.min(1, Math.max(seconds / LIMIT_SECONDS, bytes / LIMIT_BYTES));
}

/**
 * `mediaDevices`, `createContext`, `createNode(context, source)`, `createWorker`, `createChannel` and `timers` (setTimeout, setInterval, now in ms, …)
 * are the browser's. `encoder` is `{library, wasm}`, URLs for the worker. `device()` returns what is known of `{deviceId, granted}`.
 *
 * `on.piece(take, bytes)` MP3 as it is made · `on.meter({seconds, bytes, fraction, warning})` · `on.level(0..1)`
 * `on.full(take)` the limit is reached, the take stops by itself · `on.done(take, {seconds, bytes})` every piece was handed over
 * `on.connected({node, sampleRate})` the microphone worklet runs · `on.muted(is)` the hardware mute switch · `on.lost()` the device is gone · `on.failed("encoder" | "interrupted")` the encoder or the audio context broke
 * `on.stalled()` the context stopped and the take ends early. After `lost` and `failed` everything is released, the take gets no `done`, and `open` starts fresh.
 */
export function createRecorder({ mediaDevices, createContext, createNode, createWorker, createChannel, encoder, device = () => ({}), timers, on }) {
  let stream = null;
  let context = null;
  let node = null;
  let worker = null;
  let encoderReady = null; // {promise, resolve, reject, is}
  let opening = null;
  let attempt = 0; // counts releases, so that late results of earlier attempts are dropped
  let take = 0;
  let current = null; // {take, bytes, since, at: the context's time, stopping}
  let meter = null;
  let stalled = null;
  let ending = null;
  const breakDown = () => fail("encoder");

  async function open() {
    if (isOpen()) return;
    const mine = (opening ??= start().finally(() => {
      if (opening === mine) opening = null;
    }));
    await mine;
  }

  async function start() {
    release();
    const mine = attempt;
    const heard = await openMicrophone({ mediaDevices, timers, ...device() });
    if (mine !== attempt) {
      letGo(heard);
      throw new MicrophoneProblem("closed");
    }
    stream = heard;
    for (const track of heard.getAudioTracks()) {
      track.onended = lose;
      track.onmute = () => on.muted?.(true);
      track.onunmute = () => on.muted?.(false);
    }
    on.muted?.(heard.getAudioTracks().some((track) => track.muted));
    try {
      await connect(heard, mine);
    } catch (error) {
      if (mine === attempt) release();
      throw new MicrophoneProblem("recorder", error);
    }
  }

  async function connect(heard, mine) {
    const connected = await graph(heard);
    if (mine !== attempt) {
      connected.disconnect();
      throw new MicrophoneProblem("closed");
    }
    node = connected;
    node.addEventListener?.("processorerror", breakDown); // Chromium does not call `onprocessorerror`
    node.port.onmessage = ({ data }) => {
      if (data.type === "level") on.level(data.level);
    };
    const channel = createChannel();
    worker = createWorker();
    worker.onmessage = ({ data }) => hear(data);
    worker.onerror = worker.onmessageerror = breakDown;
    encoderReady = deferred(); // callers that do not wait are told by `on.failed`
    worker.postMessage({ type: "open", port: channel.port2, ...encoder }, [channel.port2]);
    node.port.postMessage({ type: "connect", port: channel.port1 }, [channel.port1]);
    on.connected?.({ node, sampleRate: context.sampleRate });
  }

  async function graph(heard) {
    try {
      return await nodeOn(createContext({}), heard);
    } catch (error) {
      // Firefox cannot connect a stream to a context of another rate. LAME takes any rate.
      if (error?.name !== "NotSupportedError") throw error;
      close(context);
      return nodeOn(createContext({ sampleRate: heard.getAudioTracks()[0].getSettings?.().sampleRate ?? USUAL_RATE }), heard);
    }
  }

  function nodeOn(made, heard) {
    context = made;
    made.onstatechange = watch;
    resume(made); // may stay suspended until the first press
    return within(GRAPH_MS, () => createNode(made, heard), { timers, late: (late) => late.disconnect() });
  }

  function hear(data) {
    if (data.type === "ready") {
      encoderReady.is = true;
      encoderReady.resolve();
    } else if (data.type === "failed") breakDown();
    if (current === null || data.take !== current.take) return;
    if (data.type === "mp3") {
      current.bytes += data.bytes.byteLength;
      on.piece(current.take, data.bytes);
      measure();
    } else if (data.type === "end") finish(data.seconds);
  }

  function finish(seconds) {
    const { take: done, bytes } = current;
    current = null;
    forgetTimers();
    on.done(done, { seconds, bytes });
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

  function stop(options) {
    if (current === null || current.stopping) return;
    current.stopping = true;
    timers.clearInterval(meter);
    timers.clearTimeout(stalled);
    node?.port.postMessage({ type: "stop", take: current.take, ...options });
    ending = timers.setTimeout(finishWithoutWorklet, TAIL_MS);
  }

  // A stopped context never runs the worklet that would end the take, so ask the encoder directly.
  function finishWithoutWorklet() {
    worker?.postMessage({ type: "finish", take: current.take });
    ending = timers.setTimeout(finishWithoutEncoder, TAIL_MS);
  }

  function finishWithoutEncoder() {
    if (current.bytes === 0 && !encoderReady.is) finishOnceReady(current);
    else if (current.bytes === 0) fail("interrupted");
    else {
      const seconds = current.bytes / BYTES_PER_SECOND;
      finish(seconds);
      release();
    }
  }

  // The worker keeps the whole take until its encoder has loaded. `ready` gives that up.
  async function finishOnceReady(mine) {
    await encoderReady.promise.catch(() => {});
    if (current === mine) ending = timers.setTimeout(finishWithoutEncoder, TAIL_MS);
  }

  // Phone calls, sleep and audio service restarts suspend or close a context; some recover by themselves.
  function watch() {
    if (current === null || current.stopping || context === null) return;
    timers.clearTimeout(stalled);
    if (standsStill()) resume(context);
    stalled = timers.setTimeout(breakOff, STALLED_MS);
  }

  function breakOff() {
    if (current === null || current.stopping || !standsStill()) return;
    const ran = current.at !== context.currentTime;
    if (current.bytes === 0 && (encoderReady.is || !ran)) fail("interrupted");
    else {
      stop();
      on.stalled?.();
    }
  }

  // After an interruption Safari may report "running" while currentTime does not advance.
  function standsStill() {
    return (context.state !== undefined && context.state !== "running") || (current.at !== undefined && context.currentTime === current.at);
  }

  function fail(why) {
    encoderReady?.reject(new MicrophoneProblem("recorder"));
    release();
    on.failed(why);
  }

  function lose() {
    release();
    on.lost();
  }

  function forgetTimers() {
    timers.clearInterval(meter);
    timers.clearTimeout(stalled);
    timers.clearTimeout(ending);
  }

  function release() {
    attempt += 1;
    opening = null;
    forgetTimers();
    letGo(stream);
    stream = null;
    if (node) {
      node.port.onmessage = null;
      node.removeEventListener?.("processorerror", breakDown);
      node.disconnect();
    }
    node = null;
    if (worker) {
      worker.onmessage = worker.onerror = worker.onmessageerror = null;
      worker.terminate();
    }
    worker = null;
    encoderReady?.reject(new MicrophoneProblem("closed"));
    encoderReady = null;
    if (context) context.onstatechange = null;
    close(context);
    context = null;
    current = null;
  }

  function isOpen() {
    return Boolean(stream?.active && node);
  }

  return {
    /** Open the microphone and the graph. Rejects with `getUserMedia`'s error or a MicrophoneProblem, after releasing everything. */
    open,

    /** Resolves when the encoder is ready; rejects if it is not within ten seconds, after releasing everything; a take meanwhile has failed. */
    async ready() {
      const mine = attempt;
      try {
        await within(ENCODER_MS, () => encoderReady?.promise, { timers });
      } catch (error) {
        if (mine === attempt && current !== null) fail("encoder");
        else if (mine === attempt) release();
        throw error.kind ? error : new MicrophoneProblem("recorder", error);
      }
    },

    /**
     * Begin a take, `leadSeconds` back (by default what a key press needs), and return its number. The microphone
     * must be open.
     */
    start({ leadSeconds } = {}) {
      take += 1;
      resume(context);
      current = { take, bytes: 0, since: timers.now() - 1000 * (leadSeconds ?? 0), at: context.currentTime, stopping: false };
      node.port.postMessage(leadSeconds === undefined ? { type: "start", take } : { type: "start", take, leadSeconds });
      forgetTimers();
      meter = timers.setInterval(measure, 100);
      stalled = timers.setTimeout(breakOff, STALLED_MS);
      measure();
      return take;
    },

    /** End the take after a short tail, or one of `tailSeconds`; within two seconds `on.done` follows, or `on.failed` if nothing was heard; later only while the encoder still loads. */
    stop,

    /** Drop the take; nothing more of it is handed over. */
    cancel() {
      forgetTimers();
      current = null;
      node?.port.postMessage({ type: "cancel" });
    },

    isOpen,
    isRecording: () => current !== null && !current.stopping,

    /** Ask a context that was suspended to run again; call it inside a click or key press. */
    resume: () => context !== null && resume(context),

    /** Release the microphone and everything else. */
    close: release,
  };
}
