// The practice room: gives the leaf modules their devices and carries events between them. What happens when is in conversation.js.

import { announce } from "../announce.js";
import { audioContext, unlock } from "../audio-context.js";
import { spokenUpTo } from "../captions.js";
import { createConversation } from "../conversation.js";
import * as shows from "../countdown.js";
import { createHeard } from "../heard.js";
import { openRecordings } from "../kept-recordings.js";
import { createTalkKeys } from "../keys.js";
import { problemOf } from "../microphone-check.js";
import { createListening } from "../listening.js";
import { createPlayer } from "../player.js";
import { createRecorder } from "../recorder.js";
import { openSound } from "../room-sound.js";
import { createStage } from "../room-stage.js";
import * as rules from "../room-state.js";
import { createServerClock } from "../server-clock.js";
import { createSocket, say as wire } from "../socket.js";
import { createSpeaking } from "../speaking.js";
import { timers } from "../timers.js";
import { createTraineeTurn } from "../trainee-turn.js";
import { createTurnAudio } from "../turn-audio.js";
import { phrase } from "../words.js";

const TICK_MS = 200;

export async function mount(element, { signal }) {
  const data = element.dataset;
  const words = json("room-words");
  const snapshot = json("room-snapshot");
  const sessionId = snapshot.session.id;
  const clock = createServerClock({ wall: Date.now, steady: timers.now });
  const recordings = await openRecordings({ indexedDB: globalThis.indexedDB, now: Date.now });
  if (signal.aborted) return;

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
    createListening,
    createSpeaking,
    heard: createHeard({ storage: storageOr(new Map()), sessionId }),
    createTurn: (options) => createTraineeTurn({ say: wire, clock, recordings, timers, sessionId, ...options }),
    audioUrl: (turnId) => data.audio.replace("TURN", encodeURIComponent(turnId)),
    stopByPost: (reason) =>
      fetch(data.stop, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ reason }) }),
    openAfter: () => openAfter(data.here),
    reload: () => location.reload(),
    goHome: () => location.assign(data.home),
    show,
    stage,
    say: (key, values) => phrase(words, key, values),
    announce,
    problemOf,
    captions: (text, timing) => spokenUpTo(text, { ...timing, language: data.language }),
  });

  // Devices.
  const secure = globalThis.isSecureContext && typeof AudioWorkletNode !== "undefined";
  const sound = secure ? await openLoudspeaker(data, conversation.soundEvents).catch(() => null) : null;
  if (signal.aborted) return;
  const recorder = createRecorder({
    mediaDevices: navigator.mediaDevices ?? { getUserMedia: async () => Promise.reject(new DOMException("", "SecurityError")) },
    createContext: () => new AudioContext({ latencyHint: "interactive" }),
    createNode: microphoneNode(data.microphoneWorklet),
    createWorker: () => new Worker(data.encoderWorker, { type: "module" }),
    createChannel: () => new MessageChannel(),
    encoder: { library: absolute(data.encoderLibrary), wasm: absolute(data.encoderWasm) },
    timers,
    on: conversation.microphoneEvents,
  });
  const address = new URL(data.socket, location.href.replace(/^http/, "ws"));
  if (sound === null) address.searchParams.set("audio", "0");
  const socket = createSocket({ url: address.href, WebSocket, clock, timers, on: conversation.socketEvents });
  const tabs = tabsOf(sessionId, conversation.claimedElsewhere);
  conversation.furnish({ sound, recorder, socket, tabs });

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
  furnishComposer(parts, conversation, listen, `draft:${sessionId}`);

  // The world around the page.
  listen(document, "visibilitychange", () => document.visibilityState === "visible" && conversation.wake());
  listen(window, "pageshow", (event) => event.persisted && conversation.wake());
  listen(window, "online", () => conversation.online(true));
  listen(window, "offline", () => conversation.online(false));
  listen(document, "pointerdown", () => sound?.unlock());
  listen(document, "keydown", () => sound?.unlock());
  const tick = setInterval(conversation.tick, TICK_MS);
  signal.addEventListener("abort", () => {
    clearInterval(tick);
    socket.close();
    recorder.close();
    sound?.close();
    tabs.close();
  });

  conversation.open({ online: navigator.onLine, microphone: await microphonePermission() });
  keepAwake(signal);
}

function json(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

function absolute(path) {
  return new URL(path, location.href).href;
}

async function openLoudspeaker(data, on) {
  const context = audioContext() ?? unlock();
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
}

function microphoneNode(worklet) {
  let added = null;
  return async (context, stream) => {
    added ??= context.audioWorklet.addModule(worklet);
    await added;
    const node = new AudioWorkletNode(context, "microphone", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
    context.createMediaStreamSource(stream).connect(node);
    return node;
  };
}

/** "open" needs no asking, "ask" does; a browser that cannot tell asks. */
async function microphonePermission() {
  try {
    const { state } = await navigator.permissions.query({ name: "microphone" });
    return { granted: "granted", denied: "denied" }[state] ?? "ask";
  } catch {
    return "ask";
  }
}

function tabsOf(sessionId, claimed) {
  if (!("BroadcastChannel" in globalThis)) return { claim: () => {}, close: () => {} };
  const channel = new BroadcastChannel(`room:${sessionId}`);
  channel.onmessage = claimed;
  return { claim: () => channel.postMessage("here"), close: () => channel.close() };
}

function storageOr(map) {
  try {
    return globalThis.localStorage;
  } catch {
    return { getItem: (key) => map.get(key) ?? null, setItem: (key, value) => map.set(key, value) };
  }
}

// A phone that sleeps in the middle of a sentence hears nothing. Refused (low battery, old browser) it is as it was.
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

function openAfter(url) {
  if (globalThis.htmx) globalThis.htmx.ajax("GET", url, { target: "#site", select: "#site", swap: "outerHTML" });
  else location.reload();
}

function furnishComposer(parts, conversation, listen, key) {
  const field = parts.composer.querySelector("textarea");
  const remember = () => {
    try {
      sessionStorage.setItem(key, field.value);
    } catch {
      // a browser that forbids storage keeps the draft as long as the page
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
  listen(field, "keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  });
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
