// Hands-free talking: takes frames from ear.js, applies the rules (turn-taking.js), and begins, ends and drops turns.

const DEAF_MS = 2000; // without a frame although the microphone is open

/**
 * `given` as conversation.js has it, with `createTurnTaking`, `asksEndOfTurn` (the server has an end-of-turn model) and `remember(is)`; `room()`, `dispatch` and
 * `tell` are the conversation's, `input` is trainee-input.js's, `giveWay(how)` is player.js's, `isTyping()` tells whether the person types.
 */
export function createHandsFree({ given, room, dispatch, tell, input, giveWay, isTyping, stay }) {
  const { rules, timers, announce, say } = given;
  const taking = given.createTurnTaking();
  let ear = null;
  let recorder = null;
  let wanted = false;
  let attempt = 0; // counts on/off switches; what an earlier one loaded is stale
  let phase = null; // null, "loading", "on", "deaf" or "hidden"
  let hidden = false;
  let theirLevel = 0;
  let heardAt = 0;
  let shown = "";

  function show() {
    const now = phase === null ? null : { phase: hidden ? "hidden" : phase, pausing: taking.isPausing(), loudspeaker: taking.hearsLoudspeaker() };
    if (JSON.stringify(now) === shown) return;
    shown = JSON.stringify(now);
    dispatch({ type: "hands_free", handsFree: now });
  }

  async function choose(is) {
    if (is === wanted || ear === null) return;
    wanted = is;
    attempt += 1;
    const mine = attempt;
    given.remember(is);
    if (!is) {
      ear.close();
      off();
      announce(say("hands.off.said"));
      return;
    }
    phase = "loading";
    show();
    announce(say("hands.loading"));
    if (!recorder.isOpen()) input.askMicrophone();
    try {
      await ear.open();
    } catch {
      if (mine === attempt) giveUp();
      return;
    }
    if (mine !== attempt) return;
    phase = "on";
    heardAt = timers.now();
    taking.reset();
    show();
    announce(say("hands.on.said"));
  }

  function off() {
    const talking = taking.isTalking() || taking.isPausing();
    taking.reset();
    giveWay("not");
    phase = null;
    show();
    if (talking && input.isRecording()) stay(); // they continue by hand
  }

  /** The detector cannot be loaded or broke: push-to-talk always works. */
  function giveUp() {
    attempt += 1;
    wanted = false;
    given.remember(false);
    off();
    tell("notice.hands-free");
  }

  function floor() {
    const now = room();
    if (hidden || isTyping() || now.muted || !rules.maySpeak(now) || now.take !== null) return "closed";
    return rules.interrupts(now) === null ? "mine" : "theirs";
  }

  const ACTS = {
    "give-way": ({ how }) => giveWay(how),
    begin: ({ leadMs }) => input.begin({ leadMs }),
    pause: () => given.asksEndOfTurn && input.askWhetherOver(),
    resume: () => {},
    end: () => input.end({ tailSeconds: 0 }), // it ends with silence already
    drop: input.discard,
  };

  function frame(heard) {
    heardAt = timers.now();
    if (phase === "deaf") phase = "on";
    if (phase !== "on") return;
    // Full, lost, or sent by hand: the rest of the same speech begins no new turn.
    if ((taking.isTalking() || taking.isPausing()) && !input.isRecording()) taking.reset({ untilQuiet: true });
    for (const event of taking.frame(heard, { floor: floor(), theirLevel })) ACTS[event.type](event);
    show();
  }

  return {
    earEvents: { frame, failed: () => wanted && phase !== "loading" && giveUp() },
    choose,
    toggle: () => choose(!wanted),
    setPatience: taking.setPatience,
    theirLevel: (level) => (theirLevel = level),
    endOfTurn: ({ sequence, probability }) => room().take?.sequence === sequence && taking.answered(probability),

    /** A key or button began, ended or cancelled a recording. */
    byHand() {
      if (wanted) taking.reset({ untilQuiet: true });
    },

    /** Nothing is listened to while the page is hidden; what was said until then is sent. */
    hide(is) {
      hidden = is;
      if (phase === null) return;
      if (is && (taking.isTalking() || taking.isPausing())) {
        taking.reset();
        input.end();
      }
      heardAt = timers.now();
      show();
    },

    tick() {
      if (phase !== "on" && phase !== "deaf") return;
      if (room().microphone !== "open" || hidden) heardAt = timers.now();
      else if (timers.now() - heardAt > DEAF_MS) phase = "deaf";
      show();
    },

    /** Inside a click or key press: a suspended microphone may run again. */
    wake: () => phase === "deaf" && recorder.resume(),

    furnish(devices) {
      ({ ear, recorder } = devices);
    },
    close() {
      attempt += 1;
      wanted = false;
      phase = null;
      ear?.close();
    },
  };
}
