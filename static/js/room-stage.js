// Renders the room's state (room-state.js) into the page. Knows elements, not devices.

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
  elsewhere: "waiting",
  gone: "ended",
  ended: "ended",
};

// Scenes announced to screen readers.
const SAID = new Set(["queued", "yours", "typing", "ask", "blocked", "refused", "kept", "reconnecting", "offline", "unreachable", "elsewhere", "gone", "ended"]);
const EXPLAINED = new Set(["connecting", "unreachable", "reconnecting", "offline", "speaking", "asking"]);
const BY_HAND = new Set(["yours", "typing", "recording"]); // keys for those who have them
const HEARING = new Set(["opening", "speaking", "thinking", "yours", "typing"]);
const UNANSWERED_MS = 4000;
const NOTICE_GAP = 12; // px between the words and a notice beneath them
const URGENT = new Set(["refused", "gone", "ended"]);
const TALK = { ask: "allow", recording: "send", opening: "interrupt", thinking: "interrupt", speaking: "interrupt", blocked: "interrupt", yours: "speak", refused: "speak", typing: "allow" };

/**
 * `say(key, values)` gives sentences, `title` is appended to the state in the tab's title. `rules` are room-state.js's readers, `shows` countdown.js's.
 * `options`: `{name, audioUrl(turnId), language, touch, local}`.
 */
export function createStage({ element, document, say, announce, rules, shows, title, options }) {
  const $ = (name) => element.querySelector(`[data-${name}]`);
  const parts = Object.fromEntries(
    ["scene-words", "hint", "notice", "notice-words", "notice-action", "notice-drop", "microphone-help", "talk", "take-time", "time-session", "lines", "script", "silence", "line-blank", "voice", "composer", "composer-send", "type-instead", "speak-instead", "cancel", "deck-talk", "stop-group"].map((name) => [name, $(name)]),
  );
  const name = options.name;
  new ResizeObserver(makeRoomForNotice).observe(parts.notice);
  const said = { scene: null, line: null, idle: null, session: null, warning: false, queue: null };
  let caption = { sequence: null, upTo: Infinity };
  let actions = { act: null, drop: null };

  function text(part, words) {
    if (part.childElementCount > 0 || part.textContent !== words) part.textContent = words;
  }

  function render(room, { now, typing, tapped, local = null }) {
    const scene = rules.scene(room);
    if (element.dataset.scene !== scene) element.dataset.scene = scene;
    element.toggleAttribute("data-typing", typing);
    renderLines(room);
    renderState(scene, { tapped, typing });
    renderTalk(room, scene);
    renderTimes(room, { now, typing });
    renderNotice(local ?? noticeOf(room, scene));
    const over = room.ending !== null || scene === "gone";
    parts.composer.hidden = !typing || over;
    parts["type-instead"].hidden = typing || scene === "recording" || over;
    parts["speak-instead"].hidden = !typing || room.microphone !== "open" || scene === "recording" || over;
    parts.cancel.hidden = scene !== "recording";
    parts["stop-group"].hidden = over;
    parts["composer-send"].setAttribute("aria-disabled", String(!rules.maySpeak(room)));
    document.title = `${say(`title.${TITLES[scene]}`, { name })} · ${title}`;
    speakUp(room, scene);
  }

  function renderState(scene, { tapped, typing }) {
    let variant = scene;
    if (scene === "recording" && tapped) variant = "recording.tapped";
    else if (scene === "yours" && typing) variant = "typing";
    else if (scene === "yours" && options.touch) variant = "yours.touch";
    text(parts["scene-words"], say(variant, { name }));
  }

  function hintOf(room, scene, { idle, typing }) {
    if (idle !== null) return say("time.idle", { name, seconds: idle });
    if (scene === "queued") return room.queue ? say("hint.queued", { position: room.queue.position }) : "";
    if (scene === "recording" && room.take.warning) return say("hint.recording.warning", { seconds: secondsLeft(room.take) });
    if (scene === "thinking" || scene === "opening") {
      if (waited(room) > 12_000) return say("hint.thinking.long");
      return options.local ? say("hint.thinking.local") : scene === "thinking" ? say("hint.thinking") : "";
    }
    const key = scene === "yours" && typing ? "typing" : scene;
    if (BY_HAND.has(key)) return say(options.touch ? `hint.${key}.touch` : `hint.${key}`);
    return EXPLAINED.has(key) ? say(`hint.${key}`) : "";
  }

  let waitingSince = { scene: null, at: 0 };
  let clock = 0;
  function waited(room) {
    const scene = rules.scene(room);
    if (waitingSince.scene !== scene) waitingSince = { scene, at: clock };
    return clock - waitingSince.at;
  }

  function secondsLeft(take) {
    return Math.max(0, Math.round(take.seconds / take.fraction - take.seconds));
  }

  function renderTalk(room, scene) {
    const can = rules.maySpeak(room) || scene === "recording";
    const key = scene === "recording" ? "send" : can ? (TALK[scene] ?? "speak") : "wait";
    parts.talk.setAttribute("aria-label", say(`talk.${key}`));
    parts.talk.setAttribute("aria-disabled", String(!can));
    parts.talk.toggleAttribute("data-warning", Boolean(room.take?.warning && scene === "recording"));
    const recording = scene === "recording";
    element.style.setProperty("--used", recording ? room.take.fraction.toFixed(3) : "0");
    text(parts["take-time"], recording ? shows.clockFace(room.take.seconds) : "");
  }

  function renderTimes(room, { now, typing }) {
    clock = now;
    const { session, quietSince } = room;
    const running = session.status === "active" && session.startedAt !== null;
    const left = running
      ? shows.timeLeft({
          now,
          startedAt: Date.parse(session.startedAt),
          durationLimitSeconds: session.durationLimitSeconds,
          quietSince,
          idleLimitSeconds: session.idleLimitSeconds,
        })
      : { session: null, idle: null };
    parts["time-session"].hidden = left.session === null;
    parts["time-session"].toggleAttribute("data-near", left.session !== null && left.session <= 10);
    if (left.session !== null) text(parts["time-session"], say("time.session", { seconds: left.session }));
    const scene = rules.scene(room);
    const idle = rules.maySpeak(room) && !rules.isSpeaking(room) ? left.idle : null;
    text(parts.hint, hintOf(room, scene, { idle, typing }));
    parts.hint.toggleAttribute("data-near", idle !== null || Boolean(room.take?.warning));
    sayTime("session", left.session);
    sayTime("idle", idle);
  }

  function sayTime(kind, seconds) {
    if (seconds === said[kind]) return;
    said[kind] = seconds;
    if (seconds !== null && shows.worthSaying(seconds)) announce(say(`time.${kind}.said`, { seconds }));
  }

  function speakUp(room, scene) {
    if (scene !== said.scene) {
      said.scene = scene;
      if (SAID.has(scene)) {
        const detail = room.take?.refusal?.detail ?? room.ending?.message ?? "";
        announce(`${parts["scene-words"].textContent} ${detail}`.trim(), { assertive: URGENT.has(scene) });
      } else if (scene === "sending") announce(say("said.sent"));
    }
    if (room.queue && room.queue.position !== said.queue) {
      said.queue = room.queue.position;
      announce(say("hint.queued", { position: said.queue }));
    }
    const warning = Boolean(room.take?.warning);
    if (warning && !said.warning) announce(say("take.warning.said"), { assertive: true });
    said.warning = warning;
    if (room.reply?.written && room.reply.sequence !== said.line) {
      said.line = room.reply.sequence;
      announce(say("said.line", { name, text: room.reply.text }));
    }
  }

  // Notices: {kind, words, help, act: {words, run}, drop: {words, run}}
  function noticeOf(room, scene) {
    if (scene === "blocked") return { words: say("notice.blocked"), act: [say("notice.blocked.action"), "unlock"] };
    if (scene === "refused") {
      const { detail } = room.take.refusal;
      return { kind: "warn", words: detail, act: [say("notice.refused.action"), "resend"], drop: [say("notice.refused.drop"), "drop"] };
    }
    if (scene === "kept") {
      const words = say("notice.kept", { seconds: Math.max(1, Math.round(room.take.seconds)) });
      return { words, act: [say("notice.kept.action"), "resend"], drop: [say("notice.kept.drop"), "drop"] };
    }
    if (scene === "elsewhere") return { words: say("notice.elsewhere"), act: [say("notice.elsewhere.action"), "claim"] };
    if (scene === "gone") return { kind: "warn", words: say("gone"), act: [say("notice.gone.action"), "home"] };
    if (scene === "ask") return { words: say("notice.ask"), act: [say("talk.allow"), "microphone"] };
    if (scene === "asking" && waited(room) > UNANSWERED_MS) return { words: say("notice.asking"), act: [say("notice.microphone.action"), "microphone"] };
    if (scene === "ended" && room.ending.message) return { words: room.ending.message, act: [say("notice.ended.action"), "leave"] };
    if (room.misunderstood) return { kind: "warn", words: say("notice.misunderstood"), act: [say("notice.misunderstood.action"), "reload"] };
    const silent = room.loudspeaker === "failed" && room.ending === null;
    const again = [say("notice.loudspeaker.action"), "loudspeaker"];
    if (scene === "typing" && room.microphone !== "open") {
      const words = silent ? say("notice.loudspeaker", { name }) : "";
      return { kind: "warn", words, help: room.microphone, act: [say("notice.microphone.action"), "microphone"], drop: silent ? again : null };
    }
    if (room.muted && (scene === "yours" || scene === "recording")) return { kind: "warn", words: say("notice.muted") };
    if (silent && HEARING.has(scene)) return { kind: "warn", words: say("notice.loudspeaker", { name }), act: again };
    return null;
  }

  function renderNotice(notice) {
    const { notice: box } = parts;
    const hadFocus = box.contains(document.activeElement);
    box.hidden = notice === null;
    fillNotice(notice ?? { words: "" });
    if (hadFocus && !box.contains(document.activeElement)) parts.talk.focus();
  }

  function makeRoomForNotice() {
    const height = parts.notice.offsetHeight;
    element.style.setProperty("--notice", height ? `${height + NOTICE_GAP}px` : "0px");
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

  // The script.
  function renderLines(room) {
    const { earlier, current } = rules.script(room);
    const all = current === null ? earlier : [...earlier, current];
    parts.silence.hidden = all.length > 0;
    const known = new Map([...parts.lines.children].map((line) => [Number(line.dataset.sequence), line]));
    let changed = false;
    for (const line of all) {
      let item = known.get(line.sequence);
      known.delete(line.sequence);
      if (!item) {
        item = parts["line-blank"].content.firstElementChild.cloneNode(true);
        item.id = `turn-${line.sequence}`;
        item.dataset.sequence = line.sequence;
        parts.lines.append(item);
        changed = true;
      }
      if (item.hasAttribute("data-current") !== (line === current)) {
        item.toggleAttribute("data-current", line === current);
        changed = true;
      }
      renderLine(item, line);
    }
    for (const item of known.values()) item.remove();
    if (changed) parts.script.scrollTop = 0; // its end
  }

  function renderLine(item, line) {
    const they = line.speaker === "ai";
    item.classList.toggle("line-they", they);
    item.classList.toggle("line-you", !they);
    const part = (key) => item.querySelector(`[data-${key}]`);
    text(part("who"), they ? name : say("line.you"));
    part("interrupted").hidden = !line.interrupted;
    const note = { transcribing: say("line.transcribing"), unheard: say("line.unheard") }[line.state] ?? "";
    const showsNote = note !== "" && line.text === "";
    part("note").hidden = !showsNote;
    text(part("note"), note);
    part("words").hidden = showsNote;
    if (line.state === "saying" && caption.sequence === line.sequence && caption.upTo < line.text.length) {
      splitAt(part("words"), line.text, line.interrupted ? Math.min(caption.upTo, line.text.length) : caption.upTo, line.interrupted);
    } else text(part("words"), line.text);
    const play = item.querySelector(".line-play");
    play.hidden = !line.hasAudio || line.state === "saying";
    if (line.hasAudio && line.turnId) {
      const url = options.audioUrl(line.turnId);
      if (play.dataset.play !== url) play.dataset.play = url;
    }
    play.setAttribute("aria-label", say(they ? "line.play" : "line.play.you", { name, number: line.sequence + 1 }));
  }

  function splitAt(part, words, index, cut) {
    const saidNow = words.slice(0, index);
    const coming = cut ? "" : words.slice(index);
    if (part.firstChild?.nodeValue === saidNow && (part.children[0]?.textContent ?? "") === coming) return;
    const rest = document.createElement("span");
    rest.className = "line-coming";
    rest.textContent = coming;
    part.replaceChildren(document.createTextNode(saidNow), rest);
  }

  return {
    parts,
    render,
    /** Characters of `sequence` after `upTo` are written but not yet spoken. */
    caption(sequence, upTo) {
      caption = { sequence, upTo };
    },
    theirLevel: (level) => parts.voice.style.setProperty("--level", level.toFixed(3)),
    yourLevel: (level) => parts.talk.style.setProperty("--level", Math.min(1, level * 4).toFixed(3)),
    action: (which) => actions[which],
  };
}
