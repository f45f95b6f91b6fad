// The microphone check beside Start: level, hearing one's own voice, the speakers, and which microphone to use.

import { allowed } from "../browser-feature.js";
import { renew, unlock } from "../audio-context.js";
import { within } from "../deadline.js";
import { listen } from "../microphone-check.js";
import { chooseMicrophone, chosenMicrophone } from "../microphone-choice.js";
import { listMicrophones } from "../microphone-list.js";
import { microphonePermission, problemOf } from "../microphone.js";
import { createOwnVoice } from "../own-voice.js";
import { playNotes } from "../speaker-test.js";

const HEARD = 0.35;
const HEARD_TIMES = 8;
const SILENT_AFTER_MS = 4000;
const GRAPH_MS = 4000;

export function mount(element, { signal }) {
  const $ = (name) => element.querySelector(`[data-${name}]`);
  const [button, own, notes, device, devices] = ["check", "own", "notes", "device", "devices"].map($);
  const bars = [...element.querySelectorAll(".microphone-level > span")];
  const storage = allowed("localStorage");
  let check = null;
  let voice = null;

  function show(state, problem = "") {
    element.dataset.state = state;
    for (const words of element.querySelectorAll("[data-words]")) words.hidden = words.dataset.words !== state;
    for (const help of element.querySelectorAll("[data-problem]")) help.hidden = help.dataset.problem !== problem;
    $("tools").hidden = state === "idle" || state === "asking";
    say(null);
  }

  function press(on) {
    button.setAttribute("aria-pressed", String(on));
    $("label-idle").hidden = on;
    $("label-on").hidden = !on;
  }

  function paint(level) {
    const lit = Math.round(level * bars.length);
    bars.forEach((bar, index) => bar.classList.toggle("lit", index < lit));
  }

  function stop(state = "idle", problem = "") {
    check?.abort();
    check = null;
    voice?.close();
    voice = null;
    own.hidden = true;
    devices.hidden = true;
    paint(0);
    press(false);
    show(state, problem);
  }

  async function start() {
    const context = unlock();
    const mine = new AbortController();
    check = mine;
    press(true);
    show("asking");
    let loud = 0;
    const onLevel = (level) => {
      if (voice?.isPlaying()) return paint(0);
      paint(level);
      if (level < HEARD) return;
      loud += 1;
      if (loud !== HEARD_TIMES) return;
      show("heard");
      own.hidden = voice === null;
    };
    let source = null;
    try {
      await listen({
        mediaDevices: navigator.mediaDevices,
        context,
        deviceId: chosenMicrophone(storage),
        permission: () => microphonePermission({ permissions: navigator.permissions }),
        onOpen: (opened) => (source = opened),
        onLevel,
        onEnded: (kind) => stop("problem", kind),
        onMuted: (is) => show(is ? "muted" : "live"),
        signal: mine.signal,
      });
      if (mine.signal.aborted) return;
      if (loud < HEARD_TIMES && element.dataset.state === "asking") show("live");
      const silence = setTimeout(() => element.dataset.state === "live" && show("silent"), SILENT_AFTER_MS);
      mine.signal.addEventListener("abort", () => clearTimeout(silence));
      showDevices(mine);
      const node = await within(GRAPH_MS, () => recording(context, source), { late: (late) => late.disconnect() });
      if (mine.signal.aborted) node.disconnect();
      else voice = createOwnVoice({ context, node, createChannel: () => new MessageChannel() });
      own.hidden = loud < HEARD_TIMES;
    } catch (error) {
      if (mine.signal.aborted) return;
      if (source !== null) renew(); // the next try gets a context that never failed
      // If the audio graph cannot be built here, it cannot record a turn either.
      stop("problem", source === null ? problemOf(error) : "recorder");
    }
  }

  async function recording(context, source) {
    await context.audioWorklet.addModule(element.dataset.worklet);
    const node = new AudioWorkletNode(context, "microphone", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
    source.connect(node);
    return node;
  }

  async function showDevices(mine) {
    const known = await listMicrophones({ mediaDevices: navigator.mediaDevices });
    if (mine.signal.aborted) return;
    devices.hidden = known.length < 2;
    const chosen = chosenMicrophone(storage);
    device.replaceChildren(...known.map(({ deviceId, label }) => new Option(label, deviceId, false, deviceId === chosen)));
  }

  function playBack() {
    if (voice?.isPlaying()) voice.stop();
    else if (voice?.play(() => pressOwn(false))) pressOwn(true);
  }

  function pressOwn(on) {
    own.setAttribute("aria-pressed", String(on));
    $("own-idle").hidden = on;
    $("own-on").hidden = !on;
  }

  async function testSpeakers() {
    if (notes.getAttribute("aria-disabled") === "true") return;
    notes.setAttribute("aria-disabled", "true");
    say("playing");
    try {
      await playNotes({ context: unlock() });
      say("played");
    } catch {
      renew();
      say("unplayed");
    }
    notes.setAttribute("aria-disabled", "false");
  }

  function say(state) {
    for (const words of element.querySelectorAll("[data-speakers]")) words.hidden = words.dataset.speakers !== state;
  }

  const on = (target, type, handler) => target.addEventListener(type, handler, { signal });
  on(button, "click", () => (check ? stop() : start()));
  on(own, "click", playBack);
  on(notes, "click", testSpeakers);
  on(device, "change", () => {
    chooseMicrophone(storage, device.value);
    stop();
    start();
  });
  // The room opens the microphone itself, and a page that is left stops listening.
  on(document, "coach:starting", () => stop());
  on(window, "pagehide", () => check && stop());
  signal.addEventListener("abort", () => check && stop());
  button.disabled = false;
}
