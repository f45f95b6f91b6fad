// What the room needs from the browser: addresses, sound, microphone, the other tabs, storage. `data` is the stage's
// dataset.

import { audioContext, renew, unlock } from "./audio-context.js";
import { microphonePermission, MicrophoneProblem } from "./microphone.js";
import { createPlayer } from "./player.js";
import { openSound } from "./room-sound.js";
import { timers } from "./timers.js";

export function absolute(path) {
  return new URL(path, location.href).href;
}

export function address(data, withSound) {
  const url = new URL(data.socket, location.href.replace(/^http/, "ws"));
  if (!withSound) url.searchParams.set("audio", "0");
  return url.href;
}

/** `slow` is player.js's `{stretcher, slowPace}`. The first call uses the context that Start unlocked; later calls, after a failure, create a new one. */
export function openLoudspeaker(data, slow) {
  let tried = false;
  return async (on) => {
    if (!globalThis.isSecureContext || typeof AudioWorkletNode === "undefined") throw new MicrophoneProblem("unsupported");
    const context = tried ? renew() : (audioContext() ?? unlock());
    tried = true;
    return openSound({
      context,
      worklet: data.playbackWorklet,
      createNode: () => new AudioWorkletNode(context, "playback", { numberOfInputs: 0, outputChannelCount: [1] }),
      createPlayer: (options) => createPlayer({ ...options, ...slow }),
      decode: async (bytes) => (await new OfflineAudioContext(1, 1, 24_000).decodeAudioData(bytes)).getChannelData(0),
      timers,
      fetch: (url) => fetch(url),
      on,
    });
  };
}

export function microphoneNode(worklet) {
  return async (context, stream) => {
    await context.audioWorklet.addModule(worklet);
    const source = context.createMediaStreamSource(stream);
    const node = new AudioWorkletNode(context, "microphone", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
    source.connect(node);
    return node;
  };
}

export function permission() {
  return microphonePermission({ permissions: navigator.permissions });
}

export function tabsOf(sessionId, claimed) {
  let channel;
  try {
    channel = new BroadcastChannel(`room:${sessionId}`);
  } catch {
    return { claim: () => {}, close: () => {} }; // unsupported or forbidden: tabs do not know about each other
  }
  let open = true;
  channel.onmessage = claimed;
  return {
    claim: () => open && channel.postMessage("here"),
    close: () => {
      open = false;
      channel.close();
    },
  };
}
