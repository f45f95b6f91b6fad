// Wires the practice room: gives the leaf modules their devices and connects them. The behaviour is in conversation.js.

import { createAiTurn } from "../ai-turn.js";
import { announce } from "../announce.js";
import { audioContext, renew, unlock } from "../audio-context.js";
import { readingMs, spokenUpTo } from "../captions.js";
import { createConversation } from "../conversation.js";
import * as shows from "../countdown.js";
import { createEnterKey } from "../enter-key.js";
import { eventually, openRecordings } from "../kept-recordings.js";
import { createTalkKeys } from "../keys.js";
import { microphonePermission, MicrophoneProblem, problemOf } from "../microphone.js";
import { createPlaybackPosition } from "../playback-position.js";
import { createPlayer } from "../player.js";
import { createRecorder } from "../recorder.js";
import { openSound } from "../room-sound.js";
import { createStage } from "../room-stage.js";
import * as rules from "../room-state.js";
import { createServerClock } from "../server-clock.js";
import { createSocket, say as wire } from "../socket.js";
import { timers } from "../timers.js";
import { createTraineeInput } from "../trainee-input.js";
import { createTraineeTurn } from "../trainee-turn.js";
import { createTurnAudio } from "../turn-audio.js";
import { phrase } from "../words.js";

const TICK_MS = 200;
const SWAP_MS = 8000; // reload if the swap has not happened by then

export function mount(element, { signal }) {
  const data = element.dataset;
  const words = json("room-words");
  const snapshot = json("room-snapshot");
  const sessionId = snapshot.session.id;
  const clock = createServerClock({ wall: Date.now, steady: timers.now });
  const recordings = eventually(openRecordings({ indexedDB: allowed("indexedDB"), now: Date.now }));

  const stage = createStage({
    element,
    document,
    announce,
    rules,
    shows,
    say: (key, values) => phrase(words, key, values),
    title: data.title,
    options: {
      name: data.name,
      language: data.language,
      touch: matchMedia("(hover: none) and (pointer: coarse)").matches,
      local: "local" in data,
      audioUrl: (turnId) => data.audio.replace("TURN", encodeURIComponent(turnId)),
    },
  });
  const { parts } = stage;

  const conversation = createConversation({
    snapshot,
    rules,
    clock,
    wire,
    recordings,
    timers,
    createAiTurn,
    createTraineeInput,
    position: createPlaybackPosition({ storage: allowed("localStorage"), sessionId }),
    createTurn: (options) => createTraineeTurn({ say: wire, clock, recordings, timers, sessionId, ...options }),
    audioUrl: (turnId) => data.audio.replace("TURN", encodeURIComponent(turnId)),
    stopByPost: (reason) =>
      fetch(data.stop, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ reason }) }),
    openAfter: () => openAfter(element, data.here),
    openSound: openLoudspeaker(data),
    reload: () => location.reload(),
    goHome: () => location.assign(data.home),
    show,
    stage,
    say: (key, values) => phrase(words, key, values),
    announce,
    problemOf: async (error) => problemOf(error, await permission()),
    captions: (text, timing) => spokenUpTo(text, { ...timing, language: data.language }),
    readingMs: (text) => readingMs(text, data.language),
  });

  // Devices.
  const asked = permission();
  let granted = false;
  asked.then((state) => {
    granted = state === "granted";
  });
  const recorder = createRecorder({
    mediaDevices: navigator.mediaDevices ?? { getUserMedia: async () => Promise.reject(new DOMException("", "SecurityError")) },
    createContext: (options) => new AudioContext({ latencyHint: "interactive", ...options }),
    createNode: microphoneNode(data.microphoneWorklet),
    createWorker: () => new Worker(data.encoderWorker, { type: "module" }),
    createChannel: () => new MessageChannel(),
    encoder: { library: absolute(data.encoderLibrary), wasm: absolute(data.encoderWasm) },
    device: () => ({ granted }),
    timers,
    on: conversation.microphoneEvents,
  });
  const socket = createSocket({ url: () => address(data, conversation.hasSound()), WebSocket, clock, timers, on: conversation.socketEvents });
  const tabs = tabsOf(sessionId, conversation.claimedElsewhere);
  conversation.furnish({ recorder, socket, tabs });

  function show(room, view) {
    stage.render(room, { now: clock.now(), ...view });
  }

  // The person.
  createTalkKeys({
    root: document,
    view: window,
    button: parts.talk,
    now: timers.now,
    isOn: conversation.isRecording,
    on: conversation,
    signal,
  });
  const again = createTurnAudio({
    root: element,
    audio: element.querySelector("[data-again]"),
    on: { failed: () => conversation.tell("notice.audio") },
    signal,
  });
  conversation.onVoice(again.stop);
  const listen = (target, type, handler) => target.addEventListener(type, handler, { signal });
  listen(parts["notice-action"], "click", () => conversation.act(stage.action("act")));
  listen(parts["notice-drop"], "click", () => conversation.act(stage.action("drop")));
  listen(parts.cancel, "click", conversation.cancel);
  for (const button of element.querySelectorAll("[data-stop]")) {
    listen(button, "click", () => {
      document.getElementById("stop-reasons").hidePopover?.();
      conversation.stop(button.dataset.stop);
    });
  }
  furnishComposer(parts, conversation, listen, { key: `draft:${sessionId}`, signal });

  // The world around the page.
  listen(document, "visibilitychange", () => document.visibilityState === "visible" && conversation.wake());
  listen(window, "pagehide", conversation.sleep);
  listen(window, "pageshow", (event) => event.persisted && conversation.wake());
  listen(window, "online", () => conversation.online(true));
  listen(window, "offline", () => conversation.online(false));
  listen(document, "pointerdown", conversation.unlock);
  listen(document, "keydown", conversation.unlock);
  const tick = setInterval(conversation.tick, TICK_MS);
  signal.addEventListener("abort", () => {
    clearInterval(tick);
    socket.close();
    conversation.close();
    tabs.close();
  });

  conversation.open({ online: navigator.onLine, permission: asked });
  keepAwake(signal);
}

function json(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

function absolute(path) {
  return new URL(path, location.href).href;
}

function address(data, withSound) {
  const url = new URL(data.socket, location.href.replace(/^http/, "ws"));
  if (!withSound) url.searchParams.set("audio", "0");
  return url.href;
}

/** The first call uses the context that Start unlocked; later calls, after a failure, create a new one. */
function openLoudspeaker(data) {
  let tried = false;
  return async (on) => {
    if (!globalThis.isSecureContext || typeof AudioWorkletNode === "undefined") throw new MicrophoneProblem("unsupported");
    const context = tried ? renew() : (audioContext() ?? unlock());
    tried = true;
    return openSound({
      context,
      worklet: data.playbackWorklet,
      createNode: () => new AudioWorkletNode(context, "playback", { numberOfInputs: 0, outputChannelCount: [1] }),
      createPlayer,
      decode: async (bytes) => (await new OfflineAudioContext(1, 1, 24_000).decodeAudioData(bytes)).getChannelData(0),
      timers,
      fetch: (url) => fetch(url),
      on,
    });
  };
}

function microphoneNode(worklet) {
  return async (context, stream) => {
    await context.audioWorklet.addModule(worklet);
    const source = context.createMediaStreamSource(stream);
    const node = new AudioWorkletNode(context, "microphone", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
    source.connect(node);
    return node;
  };
}

function permission() {
  return microphonePermission({ permissions: navigator.permissions });
}

function tabsOf(sessionId, claimed) {
  let channel;
  try {
    channel = new BroadcastChannel(`room:${sessionId}`);
  } catch {
    return { claim: () => {}, close: () => {} }; // unsupported or forbidden: tabs do not know of each other
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

/** `globalThis[name]`, or undefined if the browser forbids access. */
function allowed(name) {
  try {
    return globalThis[name];
  } catch {
    return undefined;
  }
}

// Keep the screen on: a phone that sleeps records nothing. Browsers may refuse (low battery).
function keepAwake(signal) {
  let lock = null;
  const ask = async () => {
    if (document.visibilityState !== "visible" || signal.aborted) return;
    lock = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
  };
  document.addEventListener("visibilitychange", ask, { signal });
  signal.addEventListener("abort", () => lock?.release());
  ask();
}

function openAfter(element, url) {
  if (globalThis.htmx) globalThis.htmx.ajax("GET", url, { target: "#site", select: "#site", swap: "outerHTML" });
  setTimeout(() => element.isConnected && location.reload(), globalThis.htmx ? SWAP_MS : 0);
}

function furnishComposer(parts, conversation, listen, { key, signal }) {
  const field = parts.composer.querySelector("textarea");
  const remember = () => {
    try {
      sessionStorage.setItem(key, field.value);
    } catch {
      // storage is forbidden: the draft lasts as long as the page
    }
  };
  try {
    field.value = sessionStorage.getItem(key) ?? "";
  } catch {
    field.value = "";
  }
  const send = () => {
    if (!conversation.sendText(field.value)) return;
    field.value = "";
    remember();
    field.focus();
  };
  listen(field, "input", () => {
    remember();
    conversation.typed(field.value);
  });
  createEnterKey({ field, now: timers.now, onEnter: send, signal });
  listen(parts.composer, "submit", (event) => {
    event.preventDefault();
    send();
  });
  listen(parts["type-instead"], "click", () => {
    conversation.type(true);
    field.focus();
  });
  listen(parts["speak-instead"], "click", () => {
    conversation.type(false);
    parts.talk.focus();
  });
}
