// The continuous listening of hands-free mode: microphone worklet → voice detector (worklets/vad.js) → frames.

import { within } from "./deadline.js";

const LOAD_MS = 60_000; // 3 MB over a slow line

/**
 * `createWorker`, `createChannel` and `timers` are the browser's; `assets` is `{runtime, wasm, model}`, URLs for the
 * worker. `on.frame({probability, level, tilt})` every 32 ms, `on.failed()` once if the detector breaks.
 */
export function createEar({ createWorker, createChannel, assets, timers, on }) {
  let worker = null;
  let source = null; // the microphone's {node, sampleRate}

  function open() {
    close();
    const made = createWorker();
    worker = made;
    const loaded = new Promise((resolve, reject) => {
      made.onmessage = ({ data }) => {
        if (made !== worker) return;
        if (data.type === "frame") on.frame(data);
        else if (data.type === "ready") resolve();
        else {
          reject(new Error(data.name));
          fail();
        }
      };
      made.onerror = made.onmessageerror = () => {
        reject(new Error("worker"));
        if (made === worker) fail();
      };
    });
    loaded.catch(() => {}); // `open`'s caller has its own promise
    made.postMessage({ type: "open", ...assets });
    listen();
    return within(LOAD_MS, () => loaded, { timers });
  }

  function fail() {
    close();
    on.failed();
  }

  function listen() {
    if (worker === null || source === null) return;
    const channel = createChannel();
    worker.postMessage({ type: "hear", port: channel.port2, sampleRate: source.sampleRate }, [channel.port2]);
    source.node.port.postMessage({ type: "listen", port: channel.port1 }, [channel.port1]);
  }

  function close() {
    if (worker === null) return;
    worker.onmessage = worker.onerror = worker.onmessageerror = null;
    worker.terminate();
    worker = null;
    source?.node.port.postMessage({ type: "listen", port: null });
  }

  return {
    /** Load the detector. Rejects if the browser cannot run it or it does not load. */
    open,

    /** The microphone was opened or reopened. */
    connect(opened) {
      source = opened;
      listen();
    },

    close,
    isOpen: () => worker !== null,
  };
}
