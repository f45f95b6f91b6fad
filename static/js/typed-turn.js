// A turn that is typed instead of spoken. Loaded with the composer.

const RENEW_MS = 20_000; // typing stops the idle clock for a minute at a time

/** `given`, `room()`, `dispatch` and `send` as conversation.js has them; `cutIn` is ai-turn.js's, `input` trainee-input.js's. */
export function createTypedTurn({ given, room, dispatch, send, cutIn, input }) {
  const { rules, wire, clock, timers } = given;
  let begun = null; // {sequence, startedAt} of a text whose first letter was typed
  let heldAt = 0;

  function hold() {
    const again = begun !== null;
    begun ??= { sequence: rules.nextSequence(room()), startedAt: clock.iso() };
    heldAt = timers.now();
    send(wire.turnCancel(begun.sequence));
    send(wire.turnStart(begun.sequence, begun.startedAt));
    dispatch({ type: "typing_began", at: clock.now(), again });
  }

  function again() {
    if (room().take === null) return true; // the session has ended meanwhile
    const { sequence, text, ...times } = room().take;
    // The clock may have been set back since: the server takes no contradictory times.
    const clientSentAt = clock.iso();
    const endedAt = earlier(times.endedAt, clientSentAt);
    return send(wire.turnText(sequence, { startedAt: earlier(times.startedAt, endedAt), endedAt, clientSentAt, text }));
  }

  const typedTurn = {
    /** The field holds `text` now. Typing stops the idle clock, as speaking does. */
    typed(text) {
      if (!rules.maySpeak(room()) || rules.isSpeaking(room())) return;
      if (text.trim() !== "") {
        if (begun === null || timers.now() - heldAt > RENEW_MS) hold();
      } else if (begun !== null) {
        send(wire.turnCancel(begun.sequence));
        begun = null;
        dispatch({ type: "typing_ended", at: clock.now() });
      }
    },

    /** False if it is not the trainee's turn or there is nothing to send. */
    send(text) {
      if (text.trim() === "" || !rules.maySpeak(room())) return false;
      const cut = rules.interrupts(room());
      const sequence = rules.nextSequence(room());
      const startedAt = begun?.sequence === sequence ? begun.startedAt : clock.iso();
      input.makeWay();
      dispatch({ type: "take_typed", sequence, startedAt, endedAt: clock.iso(), text: text.trim() });
      Promise.resolve(cut === null ? null : cutIn(cut)).then(() => again() || dispatch({ type: "take_unsent" }));
      return true;
    },

    /** Sends the text of the current take again. */
    again,
    forget: () => (begun = null),
  };
  input.typedBy(typedTurn);
  return typedTurn;
}

function earlier(one, other) {
  return one < other ? one : other;
}
