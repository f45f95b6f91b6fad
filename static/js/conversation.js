// Runs a conversation: every frame, key press and device event passes through here into the room's state and its side effects.

import { within } from "./deadline.js";

const NOTICE_MS = 6000;
const TELEMETRY_MS = 15_000;
const LAST_WORDS_MS = 30_000;
const STOP_MS = 3000; // a connection can be dead without saying so
const POST_MS = 8000;
// In place of hands-free.js's until that has been loaded.
const BY_HAND = Object.fromEntries(["theirLevel", "endOfTurn", "byHand", "hide", "tick", "wake", "close"].map((name) => [name, () => {}]));

/**
 * `given` holds the readers and encoders (`rules`, `wire`, `captions`, `readingMs`), the page (`stage`, `show`, `say`, `announce`, `openAfter`, `reload`, `goHome`,
 * `stopByPost`, `goOnByPost`, `audioUrl`), memory (`recordings`, `position`, `createTurn`), `clock`, `timers`, `vad`, `choices`, `problemOf`, `openSound`, the two sides (`createAiTurn`,
 * `createTraineeInput`), what hands-free.js takes and the server-rendered `snapshot`. `furnish` brings the devices, `open` begins; Stop and typing work from `furnish` on.
 */
export function createConversation(given) {
  const { rules, clock, wire, timers, say, announce } = given;
  let room = rules.emptyRoom(given.snapshot);
  let socket = null;
  let tabs = null;
  let tapped = false;
  let typing = false;
  let typingForced = false; // because of a missing microphone, not by choice
  let notice = null;
  let stopOthers = () => {};
  let leave = null;
  let over = false;
  let stopping = false;
  let micAway = false; // released while another tab has the conversation or this page is hidden
  let toldAt = -TELEMETRY_MS;

  const shared = { given, room: () => room, dispatch, send: (message) => socket.send(message), tell };
  let unreported = null; // how far a line was heard, while there was no connection
  const report = (message) => (unreported = socket.send(message) ? null : message);
  const aiTurn = given.createAiTurn({ ...shared, send: report, on: { voice: () => stopOthers(), level: (level) => handsFree.theirLevel(level), progress: show, spoken: () => leave?.(), sound: () => socket.redial() } });
  const input = given.createTraineeInput({ ...shared, cutIn: aiTurn.cutIn });
  let handsFree = BY_HAND;

  function stay() {
    tapped = true;
    show();
  }

  function dispatch(event) {
    room = rules.reduce(room, event);
    show();
  }

  function show() {
    const mustType = rules.scene(room) === "typing";
    if (mustType && !typing) typing = typingForced = true;
    else if (typingForced && room.microphone === "open") typing = typingForced = false;
    given.show(room, { typing, tapped, stopping: stopping && !over, local: notice });
  }

  function tell(key, kind = "warn") {
    const mine = { kind, words: say(key) };
    notice = mine;
    announce(mine.words);
    show();
    timers.setTimeout(() => {
      if (notice === mine) notice = null;
      show();
    }, NOTICE_MS);
  }

  const AFTER = {
    session: (message) => {
      if (message.session.status === "ended") end(message.session.terminationReason);
      else {
        if (unreported !== null) report(unreported);
        input.afterSnapshot(message);
        aiTurn.hearTheRest(message.turns.at(-1));
      }
    },
    ai_turn_started: ({ sequence }) => aiTurn.begin(sequence),
    audio: ({ sequence, pcm }) => aiTurn.push(sequence, pcm),
    ai_turn: ({ turn }) => {
      aiTurn.finish(turn.sequence);
      input.afterTheirTurn();
    },
    turn_updated: () => input.afterTheirTurn(),
    end_of_turn: (message) => handsFree.endOfTurn(message),
    turn_accepted: () => input.accepted(),
    turn_rejected: (message) => input.afterRefusal(message),
    termination: ({ termination }) => end(termination.reason),
  };

  function frame(message) {
    if (message.type !== "audio") dispatch({ ...message, at: clock.now() });
    AFTER[message.type]?.(message);
  }

  async function stop(reason) {
    if (stopping || over) return;
    stopping = true;
    aiTurn.silence();
    notice = null;
    show();
    announce(say("notice.stopping"));
    if (socket.send(wire.stop(reason))) timers.setTimeout(() => stopByPost(reason), STOP_MS);
    else await stopByPost(reason);
  }

  async function stopByPost(reason) {
    if (over) return;
    try {
      const answer = await within(POST_MS, () => given.stopByPost(reason), { timers });
      if (!answer.ok) throw new Error(`stop answered ${answer.status}`);
      end(reason);
    } catch {
      stopping = false;
      if (!over) tell("notice.unstopped");
    }
  }

  // If the AI's last line ended the session, play it to its end first.
  function end(reason) {
    if (over) return;
    over = true;
    handsFree.close();
    input.close();
    notice = null;
    leave = () => {
      leave = null;
      given.openAfter();
    };
    if (reason.startsWith("objective") && aiTurn.isPlaying()) timers.setTimeout(() => leave?.(), LAST_WORDS_MS);
    else {
      aiTurn.silence();
      leave();
    }
  }

  function claim() {
    tabs.claim();
    dispatch({ type: "elsewhere", elsewhere: false });
    socket.redial(); // what the other tab said is in its snapshot
    takeMicrophoneBack();
  }

  function giveMicrophoneAway() {
    if (input.releaseMicrophone()) micAway = true;
  }

  function takeMicrophoneBack() {
    if (!micAway) return;
    micAway = false;
    input.askMicrophone();
  }

  async function loudspeaker() {
    await aiTurn.openSound();
    socket.redial(); // its snapshot contains the line being said
  }

  const ACTS = {
    unlock: aiTurn.unlock,
    resend: () => ["refused", "kept", "quiet"].includes(room.take?.phase) && input.sendAgain(),
    drop: () => {
      input.drop();
      if (!typing) given.stage.parts.talk.focus();
    },
    earlier: () => input.drop({ sendEarlier: true }),
    claim,
    microphone: input.askMicrophone,
    loudspeaker,
    leave: () => leave?.(),
    reload: given.reload,
    home: given.goHome,
  };

  return {
    socketEvents: { link: (link) => dispatch({ type: "link", ...link }), frame },
    soundEvents: aiTurn.events,
    microphoneEvents: input.events,
    hide: (is) => handsFree.hide(is),

    furnish(devices) {
      ({ socket, tabs } = devices);
      input.furnish(devices);
    },

    /** Hands-free talking has been loaded: `create` makes it. */
    handsFreeWith(create) {
      handsFree = create({ ...shared, input, giveWay: aiTurn.giveWay, isTyping: () => typing, stay });
      return handsFree;
    },

    /** `permission` is a promise of "granted", "denied", "prompt" or null (microphone.js) with its own deadline, like the loudspeaker. */
    async open({ online, permission }) {
      dispatch({ type: "online", online });
      tabs.claim();
      await aiTurn.openSound();
      if (over) return;
      socket.connect();
      const found = await permission;
      if (found === "granted") input.askMicrophone();
      else if (room.microphone === "unknown") dispatch({ type: "microphone", microphone: found === "denied" ? "denied" : "ask" });
    },

    devicesChanged: input.devicesChanged,
    isRecording: input.isRecording,
    begin() {
      stopOthers();
      tapped = false;
      handsFree.byHand();
      input.begin();
    },
    /** The press was a tap: keep recording until the next one. */
    stay,
    end() {
      handsFree.byHand();
      input.end();
    },
    cancel() {
      handsFree.byHand();
      input.cancel();
    },
    /** The composer has been loaded: `create` makes its typed-turn.js. */
    typeWith: (create) => create({ ...shared, cutIn: aiTurn.cutIn, input }),
    type(is) {
      typing = is;
      typingForced = false;
      show();
    },
    /** Where recordings that were not sent are kept: "stored" or "memory" (kept-recordings.js). */
    recordings: (where) => dispatch({ type: "recordings", where }),
    stop,
    goOn() {
      if (room.coaching === null) return;
      dispatch({ type: "coaching_over", at: clock.now() });
      given.goOnByPost();
    },
    act: (name) => ACTS[name]?.(),
    tell,
    unlock() {
      aiTurn.unlock();
      handsFree.wake();
    },
    speakSlower: aiTurn.speakSlower,
    hasSound: aiTurn.hasSound,
    onVoice(silenceOthers) {
      stopOthers = silenceOthers;
    },

    /** Another tab took over. Refused while a turn is being recorded here. */
    claimedElsewhere() {
      if (input.isRecording()) {
        tabs.claim();
        return;
      }
      aiTurn.silence();
      giveMicrophoneAway();
      dispatch({ type: "elsewhere", elsewhere: true });
    },

    /** The page is being hidden or left: release the microphone. It may come back from the back/forward cache. */
    sleep: giveMicrophoneAway,

    close() {
      over = true;
      handsFree.close();
      aiTurn.close();
      input.close();
    },

    online(is) {
      dispatch({ type: "online", online: is });
      if (is) socket.check();
    },

    wake() {
      if (over) return;
      if (clock.jumped()) socket.calibrate();
      socket.check();
      aiTurn.unlock(); // an interruption may be over
      if (!room.elsewhere) takeMicrophoneBack();
    },

    tick() {
      const { session, quietSince } = room;
      if (session.status === "active" && session.startedAt !== null && timers.now() - toldAt >= TELEMETRY_MS) {
        const since = (start) => Math.max(0, Math.round((clock.now() - start) / 1000));
        if (socket.send(wire.telemetry(quietSince === null ? 0 : since(quietSince), since(Date.parse(session.startedAt))))) toldAt = timers.now();
      }
      handsFree.tick();
      show();
    },
  };
}
