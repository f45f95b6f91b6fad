// Wires the practice room: gives the leaf modules their devices and connects them. The behaviour is in conversation.js.

import { createAiTurn } from "../ai-turn.js";
import { allowed } from "../allowed.js";
import { announce } from "../announce.js";
import { readingMs, spokenUpTo } from "../captions.js";
import { createConversation } from "../conversation.js";
import * as shows from "../countdown.js";
import { createEar } from "../ear.js";
import { openRecordings } from "../kept-recordings.js";
import { createHandsFree } from "../hands-free.js";
import { createHandsFreeSwitch } from "../hands-free-switch.js";
import { furnishHints } from "../hints.js";
import { createTalkKeys } from "../keys.js";
import { createCoaching } from "../coaching.js";
import { furnishComposer } from "../composer.js";
import { chosenMicrophone } from "../microphone-choice.js";
import { problemOf } from "../microphone.js";
import { stylesOf } from "../page-styles.js";
import { createPlaybackPosition } from "../playback-position.js";
import { createRecorder } from "../recorder.js";
import { createChoices } from "../room-choices.js";
import { absolute, address, keepAwake, microphoneNode, openLoudspeaker, permission, tabsOf } from "../room-devices.js";
import { createStage } from "../room-stage.js";
import * as rules from "../room-state.js";
import { createServerClock } from "../server-clock.js";
import { createSocket, say as wire } from "../socket.js";
import { timers } from "../timers.js";
import { createTraineeInput } from "../trainee-input.js";
import { createTraineeTurn } from "../trainee-turn.js";
import { createTurnAudio } from "../turn-audio.js";
import { createTurnTaking } from "../turn-taking.js";
import { createVad } from "../vad.js";
import { phrase } from "../words.js";

const TICK_MS = 200;
const SWAP_MS = 8000; // reload if the swap has not happened by then

export function mount(element, { signal }) {
  const data = element.dataset;
  const words = json("room-words");
  const snapshot = json("room-snapshot");
  const sessionId = snapshot.session.id;
  const clock = createServerClock({ wall: Date.now, steady: timers.now });
  const recordings = openRecordings({ indexedDB: allowed("indexedDB"), now: Date.now, changed: (where) => conversation.recordings(where) });

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
        conversation.handsFree.setPatience(patience);
      },
    },
    signal,
  });

  const coaching = createCoaching({
    parts: Object.fromEntries(["card", "praise", "quote", "next", "go", "chosen"].map((name) => [name, element.querySelector(`[data-coaching-${name}]`)])),
    root: document,
    goOn: () => conversation.goOn(),
    choose: async (on) => {
      const answer = await fetch(data.coaching, {
        method: "PUT",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ coaching: on }),
      });
      if (!answer.ok) throw new Error(`coaching answered ${answer.status}`);
    },
    say: (key, values) => phrase(words, key, values),
    announce,
    signal,
  });

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
    createHandsFree,
    createTurnTaking,
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
    openSound: openLoudspeaker(data),
    reload: () => location.reload(),
    goHome: () => location.assign(data.home),
    show,
    stage,
    say: (key, values) => phrase(words, key, values),
    announce,
    permission,
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
    mediaDevices: navigator.mediaDevices,
    createContext: (options) => new AudioContext({ latencyHint: "interactive", ...options }),
    createNode: microphoneNode(data.microphoneWorklet),
    createWorker: () => new Worker(data.encoderWorker, { type: "module" }),
    createChannel: () => new MessageChannel(),
    encoder: { library: absolute(data.encoderLibrary), wasm: absolute(data.encoderWasm) },
    device: () => ({ granted, deviceId: chosenMicrophone(allowed("localStorage")) }),
    timers,
    on: { ...conversation.microphoneEvents, connected: (microphone) => ear.connect(microphone) },
  });
  const ear = createEar({
    createWorker: () => new Worker(data.vadWorker, { type: "module" }),
    createChannel: () => new MessageChannel(),
    assets: { runtime: absolute(data.vadRuntime), wasm: absolute(data.vadWasm), model: absolute(data.vadModel) },
    timers,
    on: conversation.earEvents,
  });
  const socket = createSocket({ url: () => address(data, conversation.hasSound()), WebSocket, clock, timers, on: conversation.socketEvents });
  const tabs = tabsOf(sessionId, conversation.claimedElsewhere);
  conversation.furnish({ recorder, ear, socket, tabs });

  function show(room, view) {
    stage.render(room, { now: clock.now(), choices: choices.current(), ...view });
    handsFree.show(room.handsFree !== null);
    if (coaching.render(room.coaching, rules.isSpeaking(room))) (view.typing ? parts.composer.querySelector("textarea") : parts.talk).focus();
  }

  function hear(slower) {
    again.defaultPlaybackRate = again.playbackRate = slower ? 0.85 : 1; // the browser preserves the pitch
    conversation.speakSlower(slower);
  }
  hear(choices.current().slower);
  conversation.handsFree.setPatience(choices.current().patience);

  // The person.
  const handsFree = createHandsFreeSwitch({
    button: element.querySelector("[data-hands-free]"),
    root: document,
    on: { toggle: conversation.handsFree.toggle },
    signal,
  });
  createTalkKeys({
    root: document,
    view: window,
    button: parts.talk,
    now: timers.now,
    isOn: conversation.isRecording,
    on: conversation,
    signal,
  });
  const replay = createTurnAudio({
    root: element,
    audio: again,
    on: { failed: () => conversation.tell("notice.audio") },
    signal,
  });
  conversation.onVoice(replay.stop);
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
  furnishHints({ element, data, say: (key, values) => phrase(words, key, values), announce, signal });
  furnishComposer(parts, conversation, listen, { key: `draft:${sessionId}`, now: timers.now, signal });

  // The world around the page.
  listen(document, "visibilitychange", () => {
    conversation.handsFree.hide(document.visibilityState === "hidden");
    if (document.visibilityState === "visible") conversation.wake();
  });
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
  if (choices.current().handsFree) conversation.handsFree.choose(true);
  keepAwake(signal);
}

function json(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

function openAfter(element, url) {
  const swap = () => globalThis.htmx.ajax("GET", url, { target: "#site", select: "#site", swap: "outerHTML" });
  if (globalThis.htmx) stylesOf("feedback").then(swap);
  setTimeout(() => element.isConnected && location.reload(), globalThis.htmx ? SWAP_MS : 0);
}
