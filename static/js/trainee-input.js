// The trainee's side of a conversation: speaking, sending and resending. Typing is typed-turn.js.

const RESENDS = 2;
const BYTES_PER_SECOND = 3000; // 24 kbps
const SETTLE_MS = 300; // time for the pings to return before a turn is resent
const ASK_AGAIN_MS = 4000; // a request pending this long may be hidden or hung: allow another

/** `given` as conversation.js has it; `room()`, `dispatch` and `send` are the conversation's; `cutIn` is `ai-turn.js`'s. */
export function createTraineeInput({ given, room, dispatch, send, cutIn, tell }) {
  const { rules, wire, clock, timers, recordings, announce, say, vad } = given;
  let recorder = null;
  let socket = null;
  let turn = null; // the turn being sent (trainee-turn.js)
  let byVoice = false; // the recording was begun hands-free: speech was heard already
  let typedTurn = null; // typed-turn.js's, once somebody types
  let resends = 0;
  let onlyEnd = false; // the last try was the end of a turn whose recording the server has
  let asked = 0; // counts requests for the microphone; answers to earlier ones are stale
  let askedAt = 0;

  const isRecording = () => room().take?.phase === "recording";

  // ── Aloud ──

  /** `leadMs`: hands-free only, how long ago the trainee began to speak. */
  async function begin({ leadMs = null } = {}) {
    if (!rules.maySpeak(room())) return;
    if (!recorder.isOpen()) {
      await askMicrophone();
      return;
    }
    const cut = rules.interrupts(room());
    byVoice = leadMs !== null;
    const mine = next(byVoice ? { leadMs } : {});
    try {
      recorder.start(byVoice ? { leadSeconds: leadMs / 1000 } : {});
    } catch {
      dispatch({ type: "take_started", sequence: mine.sequence, startedAt: mine.startedAt });
      events.failed("interrupted");
      return;
    }
    vad.begin();
    dispatch({ type: "take_started", sequence: mine.sequence, startedAt: mine.startedAt });
    if (cut !== null) await cutIn(cut);
    if (turn === mine) mine.start();
  }

  function next(options) {
    makeWay();
    turn = given.createTurn({ sequence: rules.nextSequence(room()), send, ...options });
    return turn;
  }

  /** A new turn begins: one that was refused is said again in other words. */
  function makeWay() {
    turn?.cancel();
    turn = null;
    forgetTries();
    typedTurn?.forget();
  }

  function forgetTries() {
    resends = 0;
    onlyEnd = false;
  }

  /** `tailSeconds`: how much longer to record, if not a moment. */
  function end(options = {}) {
    if (isRecording()) recorder.stop(options);
  }

  function cancel() {
    if (!isRecording()) return;
    discard();
    announce(say("said.cancelled"));
  }

  function discard() {
    if (!isRecording()) return;
    recorder.cancel();
    drop();
  }

  /** Forget the take. Another recording of the same turn, if one is kept, is offered, or with `sendEarlier` sent. */
  function drop({ sendEarlier = false } = {}) {
    turn?.cancel();
    turn = null;
    dispatch({ type: "take_dropped", at: clock.now() });
    findKept({ send: sendEarlier });
  }

  async function askMicrophone() {
    if (room().microphone === "opening" && timers.now() - askedAt < ASK_AGAIN_MS) return;
    asked += 1;
    const mine = asked;
    askedAt = timers.now();
    recorder.close(); // abandon a request that hangs
    dispatch({ type: "microphone", microphone: "opening" });
    let outcome = "open";
    try {
      await recorder.open();
      await recorder.ready?.();
    } catch (error) {
      outcome = await given.problemOf(error);
    }
    if (mine === asked) dispatch({ type: "microphone", microphone: outcome });
  }

  /** Release the microphone; true if it was open or being opened, so that it can be reopened later. */
  function releaseMicrophone() {
    asked += 1;
    const was = ["open", "opening"].includes(room().microphone);
    if (isRecording()) found();
    recorder.close();
    dispatch({ type: "microphone", microphone: "unknown" });
    return was;
  }

  /** Recording broke off: keep what was heard and let the trainee decide. */
  function breakOff(microphone, empty) {
    asked += 1;
    recorder.close();
    dispatch({ type: "microphone", microphone });
    if (!isRecording()) return;
    if (turn.bytes() === 0) {
      drop();
      tell(empty);
    } else {
      found();
      tell("notice.lost");
    }
  }

  /**
   * A permission that was taken back looks like a device that is gone; the browser knows which it was. When a headset is unplugged, the system has
   * another microphone, which may be opened without a question.
   */
  async function replaceMicrophone() {
    const mine = asked;
    const permission = await given.permission?.();
    if (mine !== asked) return;
    if (permission === "granted") askMicrophone();
    else if (permission === "denied") {
      dispatch({ type: "microphone", microphone: "denied" });
      tell("notice.revoked");
    }
  }

  const events = {
    piece: (_, bytes) => turn?.add(bytes),
    meter: (meter) => dispatch({ type: "take_metered", ...meter }),
    level: (level) => {
      if (!isRecording()) return;
      given.stage.yourLevel(level);
      const unheard = vad.add(level) && !byVoice;
      if (unheard !== (room().take.unheard ?? false)) dispatch({ type: "take_heard", unheard });
    },
    full: () => tell("hint.sending.full", ""),
    done: (_, { seconds, bytes }) => {
      if (turn === null || !isRecording()) return;
      if (!byVoice && !vad.heardSpeech()) {
        turn.close(seconds);
        dispatch({ type: "take_quiet", endedAt: turn.endedAt(), seconds, bytes });
        return;
      }
      if (room().take.earlier) {
        turn.close(seconds);
        found();
        return;
      }
      const gone = turn.end(seconds);
      dispatch({ type: "take_ended", endedAt: turn.endedAt(), seconds, bytes });
      if (!gone) dispatch({ type: "take_unsent" });
    },
    muted: (muted) => dispatch({ type: "microphone_muted", muted }),
    stalled: () => tell("notice.interrupted.sent"),
    lost: () => {
      breakOff("missing", "notice.unheard");
      replaceMicrophone();
    },
    failed: (why) => breakOff(why === "interrupted" ? "ask" : "recorder", why === "interrupted" ? "notice.interrupted" : "notice.unheard"),
  };

  // ── Again ──

  function sendAgain() {
    const { take } = room();
    if (take === null || (turn === null && take.text === null)) return;
    resends += 1;
    onlyEnd = take.text === null && take.refusal?.code === rules.CALIBRATE_AND_RESEND && !onlyEnd;
    if (take.phase !== "recording") dispatch({ type: "take_sending" });
    const gone = take.text !== null ? typedTurn.again() : onlyEnd ? turn.endAgain() : turn.sendAgain();
    if (!gone && room().take?.phase === "sending") dispatch({ type: "take_unsent" });
  }

  function afterRefusal({ sequence, code, serverTime }) {
    if (room().take?.sequence !== sequence) return;
    if (code === rules.CALIBRATE_AND_RESEND) {
      socket.calibrate();
      clock.told(serverTime);
      if (resends < RESENDS) timers.setTimeout(() => room().take?.phase === "refused" && sendAgain(), SETTLE_MS);
    } else if (onlyEnd && code === rules.RESEND_ALL) sendAgain(); // over a new connection the server has no recording
  }

  /** A turn refused because the reply before it was not stored yet can be sent now. */
  function afterTheirTurn() {
    const { take } = room();
    if (take?.phase === "refused" && take.refusal.code === rules.WAIT_AND_RESEND && resends < RESENDS) sendAgain();
  }

  function accepted() {
    turn?.accepted();
    turn = null;
    forgetTries();
  }

  async function afterSnapshot({ session, turns }) {
    typedTurn?.forget();
    if (turn !== null && turns.some((other) => other.sequence === turn.sequence)) accepted();
    const phase = room().take?.phase;
    if (phase === "recording" || phase === "unsent") sendAgain();
    else if (turn === null && room().take === null && session.status === "active") {
      for (const { sequence, speaker } of turns) if (speaker === "trainee") recordings.forget(session.id, sequence);
      await findKept();
    }
  }

  // A recording that an earlier page could not deliver. Takes as long as the browser's storage does.
  async function findKept({ send: now = false } = {}) {
    const sequence = rules.nextSequence(room());
    const kept = await recordings.find(room().session.id, sequence);
    if (!kept || sequence !== rules.nextSequence(room()) || kept.pieces.length === 0) return;
    const earlier = given.createTurn({ sequence, send, kept });
    if (turn === null && room().take === null) {
      turn = earlier;
      found();
      if (now || kept.endedAt !== null) sendAgain();
    } else if (isRecording() && kept.startedAt !== turn.startedAt) {
      dispatch({ type: "take_rival", earlier: earlier.seconds() || earlier.bytes() / BYTES_PER_SECOND });
    }
  }

  function found() {
    turn.close();
    const { sequence, startedAt } = turn;
    const earlier = room().take?.earlier;
    dispatch({ type: "take_found", sequence, startedAt, endedAt: turn.endedAt(), seconds: turn.seconds(), bytes: turn.bytes(), earlier });
  }

  return {
    events,
    isRecording,
    begin,
    end,
    cancel,
    discard,
    askWhetherOver: () => isRecording() && turn?.askWhetherOver(),
    drop,
    makeWay,
    typedBy: (typed) => (typedTurn = typed),
    sendAgain,
    askMicrophone,
    /** A device was plugged in or unplugged. */
    devicesChanged: () => room().microphone === "missing" && replaceMicrophone(),
    releaseMicrophone,
    accepted,
    afterRefusal,
    afterTheirTurn,
    afterSnapshot,
    furnish(devices) {
      ({ recorder, socket } = devices);
    },
    close() {
      asked += 1;
      recorder.close();
      turn = null;
    },
  };
}
