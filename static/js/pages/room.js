// Wires the practice room: gives the leaf modules their devices and connects them. The behaviour is in conversation.js.

import { createAiTurn } from "../ai-turn.js";
import { allowed } from "../browser-feature.js";
import { announce } from "../announce.js";
import { readingMs, spokenUpTo } from "../captions.js";
import { createConversation } from "../conversation.js";
import * as shows from "../countdown.js";
import { openRecordings } from "../kept-recordings.js";
import { createTalkKeys } from "../keys.js";
import { createLater, furnishLater } from "../later.js";
import { chosenMicrophone } from "../microphone-choice.js";
import { problemOf } from "../microphone.js";
import { createPlaybackPosition } from "../playback-position.js";
import { createRecorder } from "../recorder.js";
import { createChoices } from "../room-choices.js";
import { absolute, address, microphoneNode, openLoudspeaker, permission, tabsOf } from "../room-devices.js";
import { createStage } from "../room-stage.js";
import * as rules from "../room-state.js";
import { createServerClock } from "../server-clock.js";
import { createSocket, say as wire } from "../socket.js";
import { timers } from "../timers.js";
import { createTraineeInput } from "../trainee-input.js";
import { createTraineeTurn } from "../trainee-turn.js";
import { createVad } from "../vad.js";
import { phrase } from "../words.js";

const TICK_MS = 200;
const SWAP_MS = 8000; // reload if the swap has not happened by then
const idle = globalThis.requestIdleCallback ?? ((work) => setTimeout(work, 2000));

const later = createLater({ load: (path) => import(path), resolve: (path) => import.meta.resolve(path) });
const PARTS = {
  replay: later("../turn-audio.js"),
  hints: later("../hints.js"),
  coaching: later("../coaching.js"),
  slowSpeech: later("../slow-speech.js"),
  awake: later("../keep-awake.js"),
  styles: later("../page-styles.js"),
  composer: later("../composer.js"),
  handsFree: later("../room-hands-free.js"),
};

export function mount(element, { signal }) {
  const data = element.dataset;
  const words = json("room-words");
  const snapshot = json("room-snapshot");
  const { slowPace } = snapshot;
  const sessionId = snapshot.session.id;
  const clock = createServerClock({ wall: Date.now, steady: timers.now });
  const recordings = openRecordings({ indexedDB: allowed("indexedDB"), now: Date.now, changed: (where) => conversation.recordings(where) });

  const say = (key, values) => phrase(words, key, values);

  const stage = createStage({
    element,
    document,
    announce,
    rules,
    shows,
    say,
    title: data.title,
    options: {
      name: data.name,
      shortName: data.shortName,
      language: data.language,
      touch: matchMedia("(hover: none) and (pointer: coarse)").matches,
      local: "local" in data,
      audioUrl: (turnId) => data.audio.replace("TURN", encodeURIComponent(turnId)),
    },
  });
  const { parts } = stage;
  const again = element.querySelector("[data-again]");
  const choices = createChoices({
    element: element.querySelector("[data-choices]"),
    storage: allowed("localStorage"),
    on: {
      changed: ({ slower, patience }) => {
        hear(slower);
        handsFree?.setPatience(patience);
      },
    },
    signal,
  });

  const loudspeaker = openLoudspeaker(data, { stretcher: () => createStretcher, slowPace });
  const conversation = createConversation({
    snapshot,
    rules,
    clock,
    wire,
    recordings,
    timers,
    vad: createVad({ now: timers.now }),
    choices,
    createAiTurn,
    createTraineeInput,
    asksEndOfTurn: "endOfTurn" in data,
    remember: (is) => choices.set("handsFree", is),
    position: createPlaybackPosition({ storage: allowed("localStorage"), sessionId }),
    createTurn: (options) => createTraineeTurn({ say: wire, clock, recordings, timers, sessionId, ...options }),
    audioUrl: (turnId) => data.audio.replace("TURN", encodeURIComponent(turnId)),
    stopByPost: (reason) =>
      fetch(data.stop, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ reason }) }),
    // If it gets lost, nothing is lost: the next turn also ends the pause.
    goOnByPost: () => fetch(data.goOn, { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" }).catch(() => {}),
    openAfter: () => openAfter(element, data.here),
    openSound: async (on) => {
      if (choices.current().slower) await loadSlowSpeech();
      return loudspeaker(on);
    },
    reload: () => location.reload(),
    goHome: () => location.assign(data.home),
    show,
    stage,
    say,
    announce,
    permission,
    problemOf: async (error) => problemOf(error, await permission()),
    captions: (text, timing) => spokenUpTo(text, { ...timing, language: data.language }),
    readingMs: (text) => readingMs(text, data.language),
  });

  // Devices.
  let handsFree = null; // room-hands-free.js's, once it has been loaded
  let microphone = null;
  function connected(opened) {
    microphone = opened;
    handsFree?.connect(opened);
  }
  const asked = permission();
  let granted = false;
  asked.then((state) => {
    granted = state === "granted";
  });
  const recorder = createRecorder({
    mediaDevices: navigator.mediaDevices,
    createContext: (options) => new AudioContext({ latencyHint: "interactive", ...options }),
    createNode: microphoneNode(data.microphoneWorklet),
    createWorker: () => new Worker(data.encoderWorker, { type: "module" }),
    createChannel: () => new MessageChannel(),
    encoder: { library: absolute(data.encoderLibrary), wasm: absolute(data.encoderWasm) },
    device: () => ({ granted, deviceId: chosenMicrophone(allowed("localStorage")) }),
    timers,
    on: { ...conversation.microphoneEvents, connected },
  });
  const socket = createSocket({ url: () => address(data, conversation.hasSound()), WebSocket, clock, timers, on: conversation.socketEvents });
  const tabs = tabsOf(sessionId, conversation.claimedElsewhere);
  conversation.furnish({ recorder, socket, tabs });

  function show(room, view) {
    stage.render(room, { now: clock.now(), choices: choices.current(), ...view });
    handsFree?.show(room.handsFree !== null);
    showCoaching(room, view);
    composer?.follow(room);
  }

  let composer = null;
  let coaching = null;
  let paused = null; // the latest pause the card was loaded for
  function showCoaching(room, view) {
    const waits = rules.isSpeaking(room);
    if (coaching?.render(room.coaching, waits)) (view.typing ? parts.composer.querySelector("textarea") : parts.talk).focus();
    if (coaching !== null || room.coaching === null || waits || room.coaching === paused) return;
    paused = room.coaching;
    useCoaching().catch(partFailed);
  }

  function partFailed() {
    conversation.tell("notice.part");
  }

  let createStretcher = null;
  async function loadSlowSpeech() {
    try {
      ({ createStretcher } = await PARTS.slowSpeech());
    } catch {
      partFailed();
    }
  }

  function hear(slower) {
    if (slower) loadSlowSpeech();
    again.defaultPlaybackRate = again.playbackRate = slower ? slowPace : 1; // the browser preserves the pitch
    conversation.speakSlower(slower);
  }
  hear(choices.current().slower);

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
  const use = (part, selector, key, furnish) => furnishLater({ root: document, part, selector, key, furnish, failed: partFailed, signal });
  const usual = { element, data, say, announce, signal };
  const useReplay = use(PARTS.replay, ".stage [data-play]", null, ({ createTurnAudio }) => {
    const replay = createTurnAudio({ root: element, audio: again, on: { failed: () => conversation.tell("notice.audio") }, signal });
    conversation.onVoice(replay.stop);
  });
  const useHints = use(PARTS.hints, "[data-hint-ask]", "h", ({ furnishHints }) => furnishHints(usual));
  const useCoaching = use(PARTS.coaching, "[data-coaching-go]", "g", ({ furnishCoaching }) => {
    coaching = furnishCoaching({ ...usual, goOn: conversation.goOn });
  });
  const useComposer = use(PARTS.composer, "[data-type-instead], [data-composer-send]", null, ({ furnishComposer }) => {
    composer = furnishComposer(parts, conversation, listen, { storage: allowed("sessionStorage"), sessionId, now: timers.now, signal });
  });
  const earOptions = {
    createWorker: () => new Worker(data.vadWorker, { type: "module" }),
    createChannel: () => new MessageChannel(),
    assets: { runtime: absolute(data.vadRuntime), wasm: absolute(data.vadWasm), model: absolute(data.vadModel) },
    timers,
  };
  const useHandsFree = use(PARTS.handsFree, "[data-hands-free]", "f", ({ furnishHandsFree }) => {
    handsFree = furnishHandsFree({ element, conversation, stage, recorder, microphone, earOptions, patience: choices.current().patience, signal });
    return handsFree;
  });
  let awake = false;
  async function stayAwake() {
    const { keepAwake } = await PARTS.awake();
    if (!awake) keepAwake({ document, navigator, signal });
    awake = true;
  }
  const atIdle = () =>
    idle(async () => {
      for (const load of [useComposer, useHints, useCoaching, useReplay, useHandsFree, stayAwake, PARTS.slowSpeech, PARTS.styles]) await load().catch(() => {}); // on first use, then
    });
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

  // The world around the page.
  listen(document, "visibilitychange", () => {
    conversation.hide(document.visibilityState === "hidden");
    if (document.visibilityState === "visible") conversation.wake();
  });
  listen(window, "pagehide", conversation.sleep);
  listen(window, "pageshow", (event) => event.persisted && conversation.wake());
  listen(window, "online", () => {
    conversation.online(true);
    atIdle();
  });
  listen(window, "offline", () => conversation.online(false));
  if (navigator.mediaDevices) listen(navigator.mediaDevices, "devicechange", conversation.devicesChanged);
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
  if (choices.current().handsFree) useHandsFree().then((loaded) => loaded?.choose(true), partFailed);
  atIdle();
}

function json(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

function openAfter(element, url) {
  const swap = () => globalThis.htmx.ajax("GET", url, { target: "#site", select: "#site", swap: "outerHTML" });
  const styled = async () => (await PARTS.styles()).stylesOf("feedback");
  if (globalThis.htmx) styled().catch(() => {}).then(swap).catch(() => {}); // without a network: the reload below says so
  setTimeout(() => element.isConnected && location.reload(), globalThis.htmx ? SWAP_MS : 0);
}
