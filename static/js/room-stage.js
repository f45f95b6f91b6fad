// Renders the room's state (room-state.js) into the page. Knows elements, not devices.

import { createLines } from "./room-lines.js";
import { noticeOf } from "./room-notices.js";
import { createWaveform } from "./waveform.js";

const TITLES = {
  connecting: "connecting",
  unreachable: "trouble",
  reconnecting: "connecting",
  offline: "trouble",
  queued: "waiting",
  opening: "waiting",
  speaking: "speaking",
  blocked: "trouble",
  thinking: "thinking",
  yours: "yours",
  typing: "yours",
  ask: "yours",
  asking: "yours",
  recording: "recording",
  sending: "thinking",
  refused: "trouble",
  kept: "trouble",
  quiet: "trouble",
  elsewhere: "waiting",
  gone: "ended",
  "signed-out": "trouble",
  ended: "ended",
};

// Scenes announced to screen readers.
const SAID = new Set(["queued", "yours", "typing", "ask", "blocked", "refused", "kept", "quiet", "reconnecting", "offline", "unreachable", "elsewhere", "gone", "signed-out", "ended"]);
const EXPLAINED = new Set(["connecting", "unreachable", "reconnecting", "offline", "asking"]);
const BY_HAND = new Set(["yours", "typing", "recording", "speaking"]); // keys, for devices that have them
const OVER_GAP = 4; // px between the words and what lies over the script beneath them
const MINE = new Set(["yours", "typing", "ask"]);
const URGENT = new Set(["refused", "gone", "signed-out", "ended"]);
const TALK = { ask: "allow", recording: "send", opening: "interrupt", thinking: "interrupt", speaking: "interrupt", blocked: "interrupt", yours: "speak", refused: "speak", quiet: "speak", typing: "allow" };

/**
 * `say(key, values)` gives sentences, `title` is appended to the state in the tab's title. `rules` are room-state.js's readers, `shows` countdown.js's.
 * `options`: `{name, shortName, audioUrl(turnId), language, touch, local}`; states and notices use the short name where there is one.
 */
export function createStage({ element, document, say, announce, rules, shows, title, options }) {
  const $ = (name) => element.querySelector(`[data-${name}]`);
  const parts = Object.fromEntries(
    ["scene-words", "hint", "over", "notice", "notice-words", "notice-action", "notice-drop", "microphone-help", "talk", "take-time", "time-session", "lines", "script", "silence", "line-blank", "voice", "composer", "composer-send", "type-instead", "speak-instead", "cancel", "deck-talk", "stop-group"].map((name) => [name, $(name)]),
  );
  const name = options.shortName ?? options.name;
  new ResizeObserver(makeRoom).observe(parts.over);
  const said = { scene: null, line: null, idle: null, session: null, warning: false, unheard: false, queue: null, restarting: null };
  const lines = createLines({ parts, say, text, options });
  const waveform = createWaveform([...element.querySelectorAll("[data-wave] > span")]);
  let actions = { act: null, drop: null };
  let handsFreeWords = () => ({ state: null, hint: null }); // until that has been loaded

  function text(part, words) {
    if (part.childElementCount > 0 || part.textContent !== words) part.textContent = words;
  }

  // Someone who chose to type is not asked for the microphone.
  function sceneOf(room, typing) {
    const scene = rules.scene(room);
    return typing && (scene === "ask" || scene === "asking") ? "typing" : scene;
  }

  function render(room, { now, typing, tapped, stopping = false, local = null, choices = { captions: true } }) {
    const scene = sceneOf(room, typing);
    if (element.dataset.scene !== scene) element.dataset.scene = scene;
    element.toggleAttribute("data-typing", typing);
    const captioned = choices.captions || room.loudspeaker !== "open";
    lines.render(rules.script(room), { captioned });
    const open = handsFreeWords(room, { scene, typing, tapped: tapped && scene === "recording" });
    renderState(scene, { tapped, typing, stopping, paused: room.coaching !== null, open });
    renderTalk(room, scene, stopping);
    renderTimes(room, scene, { now, typing, stopping, open });
    const notice = noticeOf(room, { scene, say, name, waitedMs: waited(scene) });
    const undecided = room.take?.phase === scene; // the buttons about a take stay while something else is told
    renderNotice(local === null ? notice : { ...(undecided && notice), ...local });
    const over = room.ending !== null || scene === "gone" || scene === "signed-out";
    parts.composer.hidden = !typing || over;
    parts["type-instead"].hidden = typing || scene === "recording" || over;
    parts["speak-instead"].hidden = !typing || rules.hasMicrophoneTrouble(room) || scene === "recording" || over;
    parts.cancel.hidden = scene !== "recording";
    parts["stop-group"].hidden = over;
    parts["composer-send"].setAttribute("aria-disabled", String(!rules.maySpeak(room)));
    document.title = `${say(`title.${room.handsFree?.phase === "hidden" ? "paused" : TITLES[scene]}`, { name })} · ${title}`;
    speakUp(room, scene, captioned);
  }

  function renderState(scene, { tapped, typing, stopping, paused, open }) {
    let variant = scene;
    if (stopping) variant = "notice.stopping";
    else if (paused && MINE.has(scene)) variant = "paused";
    else if (open.state !== null) variant = open.state;
    else if (scene === "recording" && tapped) variant = "recording.tapped";
    else if (scene === "yours" && typing) variant = "typing";
    else if (scene === "yours" && options.touch) variant = "yours.touch";
    text(parts["scene-words"], say(variant, { name }));
  }

  function hintOf(room, scene, { idle, typing, open }) {
    if (idle !== null) return say(typing ? "time.idle.typing" : "time.idle", { name, seconds: idle });
    if (scene === "queued") return room.queue ? placeOf(room.queue) : "";
    if (scene === "recording" && room.take.warning) return say("hint.recording.warning", { seconds: secondsLeft(room.take) });
    if (scene === "recording" && room.take.unheard) return say("hint.recording.unheard");
    if (scene === "thinking" || scene === "opening") {
      if (waited(scene) > 12_000) return say("hint.thinking.long");
      return options.local && waited(scene) > 3_000 ? say("hint.thinking.local") : scene === "thinking" ? say("hint.thinking") : "";
    }
    if (open.hint !== null) return say(options.touch ? `${open.hint}.touch` : open.hint);
    const key = scene === "yours" && typing ? "typing" : scene;
    if (scene === "speaking" && typing) return say("hint.speaking.typing");
    if (BY_HAND.has(key)) return say(options.touch ? `hint.${key}.touch` : `hint.${key}`);
    return EXPLAINED.has(key) ? say(`hint.${key}`) : "";
  }

  function placeOf({ position }) {
    return position === 1 ? say("hint.queued.next") : say("hint.queued", { position });
  }

  let waitingSince = { scene: null, at: 0 };
  let clock = 0;
  function waited(scene) {
    if (waitingSince.scene !== scene) waitingSince = { scene, at: clock };
    return clock - waitingSince.at;
  }

  function secondsLeft(take) {
    return Math.max(0, Math.round(take.seconds / take.fraction - take.seconds));
  }

  function renderTalk(room, scene, stopping) {
    const can = !stopping && (rules.maySpeak(room) || scene === "recording");
    const key = scene === "recording" ? "send" : can ? (TALK[scene] ?? "speak") : "wait";
    parts.talk.setAttribute("aria-label", say(`talk.${key}`));
    parts.talk.setAttribute("aria-disabled", String(!can));
    parts.talk.toggleAttribute("data-warning", Boolean(room.take?.warning && scene === "recording"));
    const recording = scene === "recording";
    if (!recording) waveform.clear();
    element.style.setProperty("--used", recording ? room.take.fraction.toFixed(3) : "0");
    text(parts["take-time"], recording ? shows.clockFace(room.take.seconds) : "");
  }

  function renderTimes(room, scene, { now, typing, stopping, open }) {
    clock = now;
    const { session, quietSince } = room;
    const running = session.status === "active" && session.startedAt !== null;
    const left = running
      ? shows.timeLeft({
          now,
          startedAt: Date.parse(session.startedAt) + rules.stoodStillMs(room, now),
          durationLimitSeconds: session.durationLimitSeconds,
          quietSince,
          idleLimitSeconds: session.idleLimitSeconds,
        })
      : { session: null, idle: null };
    parts["time-session"].hidden = left.session === null;
    parts["time-session"].toggleAttribute("data-near", left.session !== null && left.session <= 10);
    if (left.session !== null) text(parts["time-session"], say("time.session", { seconds: left.session }));
    const idle = rules.maySpeak(room) && !rules.isSpeaking(room) ? left.idle : null;
    text(parts.hint, stopping ? "" : hintOf(room, scene, { idle, typing, open }));
    parts.hint.toggleAttribute("data-near", idle !== null || Boolean(room.take?.warning || room.take?.unheard));
    sayTime("session", left.session);
    sayTime("idle", idle);
  }

  function sayTime(kind, seconds) {
    if (seconds === said[kind]) return;
    said[kind] = seconds;
    if (seconds !== null && shows.worthSaying(seconds)) announce(say(`time.${kind}.said`, { seconds }));
  }

  function speakUp(room, scene, captioned) {
    if (scene !== said.scene) {
      said.scene = scene;
      if (SAID.has(scene)) {
        const detail = room.take?.refusal?.detail ?? room.ending?.message ?? "";
        announce(`${parts["scene-words"].textContent} ${detail}`.trim(), { assertive: URGENT.has(scene) });
      } else if (scene === "sending") announce(say("said.sent"));
    }
    if (room.queue && room.queue.position !== said.queue) {
      said.queue = room.queue.position;
      announce(placeOf(room.queue));
    }
    const warning = Boolean(room.take?.warning);
    if (warning && !said.warning) announce(say("take.warning.said"), { assertive: true });
    said.warning = warning;
    const unheard = scene === "recording" && Boolean(room.take.unheard);
    if (unheard && !said.unheard) announce(say("hint.recording.unheard"), { assertive: true });
    said.unheard = unheard;
    if (room.restarting !== null && said.restarting === null) announce(say("notice.restarting", { name }));
    said.restarting = room.restarting;
    if (room.reply?.written && room.reply.sequence !== said.line) {
      said.line = room.reply.sequence;
      if (captioned) announce(say("said.line", { name, text: room.reply.text }));
    }
  }

  function renderNotice(notice) {
    const { notice: box } = parts;
    const hadFocus = box.contains(document.activeElement);
    box.hidden = notice === null;
    fillNotice(notice ?? { words: "" });
    if (hadFocus && !box.contains(document.activeElement)) parts.talk.focus();
  }

  function makeRoom() {
    const height = parts.over.offsetHeight;
    element.style.setProperty("--over", height ? `${height + OVER_GAP}px` : "0px");
  }

  function fillNotice(notice) {
    const { notice: box } = parts;
    box.dataset.kind = notice.kind ?? "";
    text(parts["notice-words"], notice.words);
    parts["notice-words"].hidden = notice.words === "";
    for (const help of parts["microphone-help"].querySelectorAll("[data-problem]")) help.hidden = help.dataset.problem !== notice.help;
    actions = { act: notice.act?.[1] ?? null, drop: notice.drop?.[1] ?? null };
    button(parts["notice-action"], notice.act);
    button(parts["notice-drop"], notice.drop);
  }

  function button(part, action) {
    part.hidden = !action;
    if (action) text(part, action[0]);
  }

  return {
    parts,
    render,
    caption: lines.caption,
    /** `words` is hands-free-words.js's. */
    handsFreeWith: (words) => (handsFreeWords = words),
    theirLevel: (level) => parts.voice.style.setProperty("--level", level.toFixed(3)),
    /** The trainee's loudness while recording (root mean square, 0..1). */
    yourLevel: waveform.add,
    action: (which) => actions[which],
  };
}
