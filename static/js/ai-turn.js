// The AI's side of a conversation: its voice, the captions that follow it, and interruptions.

import { within } from "./deadline.js";

const REMEMBER_EVERY_MS = 400;
const OPEN_MS = 1500; // afterwards the room opens without sound, which may still come

/** `given` as conversation.js has it; `room()`, `dispatch` and `send` are the conversation's; `on.level(0..1)` is how loud it sounds now, `on.spoken()` is called when a line has been played to its end, `on.sound()` when the loudspeaker opened after its deadline. */
export function createAiTurn({ given, room, dispatch, send, on }) {
  const { rules, wire, clock, timers, position, stage } = given;
  let sound = null;
  let remembered = 0;
  let opening = 0;
  let closed = false;

  /** Open or reopen the loudspeaker. Settles within OPEN_MS; the result is the room's `loudspeaker`. One that opens later is still used. */
  async function openSound() {
    opening += 1;
    const mine = opening;
    dropSound();
    dispatch({ type: "loudspeaker", loudspeaker: "opening" });
    try {
      take(await within(OPEN_MS, () => given.openSound(events), { timers, late: (late) => take(late, mine) && on.sound() }), mine);
    } catch (error) {
      if (mine === opening) dispatch({ type: "loudspeaker", loudspeaker: error.kind === "unsupported" ? "none" : "failed" });
    }
  }

  function take(opened, mine) {
    if (closed || mine !== opening) {
      opened.close();
      return false;
    }
    sound = opened;
    sound.speakSlower(given.choices.current().slower);
    dispatch({ type: "loudspeaker", loudspeaker: "open" });
    return true;
  }

  function dropSound() {
    sound?.close();
    sound = null;
  }

  // Playback cannot finish: show the whole line as text.
  function soundFailed() {
    const { reply } = room();
    dropSound();
    dispatch({ type: "sound_unblocked" });
    dispatch({ type: "loudspeaker", loudspeaker: "failed" });
    if (reply === null) return;
    stage.caption(reply.sequence, Infinity);
    if (reply.written) {
      dispatch({ type: "sound_ended", sequence: reply.sequence, at: clock.now() });
      on.spoken();
    }
  }

  function begin(sequence) {
    if (room().reply?.sequence !== sequence || room().reply.silenced || room().elsewhere) return;
    on.voice();
    stage.caption(sequence, sound === null ? Infinity : 0);
    sound?.begin(sequence, position.rest(sequence) ?? 0);
  }

  function push(sequence, pcm) {
    const { reply, elsewhere } = room();
    if (reply?.sequence === sequence && !reply.silenced && !elsewhere) sound?.push(sequence, pcm);
  }

  function finish(sequence) {
    if (sound === null || room().elsewhere) dispatch({ type: "sound_ended", sequence, at: clock.now() });
    else sound.finish(sequence);
  }

  /**
   * A reply that was completed while this page was disconnected sends no more frames: play the rest from its
   * recording.
   */
  async function hearTheRest(last) {
    if (sound === null || room().elsewhere || room().take !== null || last?.speaker !== "ai" || !rules.isSaid(last) || !last.audioFileId) return;
    const playing = sound.playing() === last.sequence;
    if (playing && !last.interrupted && !last.transcript.startsWith(room().reply?.known ?? "")) {
      await sound.stop(); // said anew, in other words
      position.played(last.sequence, 0);
      await hearTheRest(last);
      return;
    }
    const from = playing ? 0 : position.rest(last.sequence);
    if (from === null || last.interrupted) {
      if (playing) sound.finish(last.sequence);
      return;
    }
    if (!playing) {
      dispatch({ type: "ai_turn_replayed", turn: last });
      stage.caption(last.sequence, 0);
    }
    try {
      await sound.playRest(last.sequence, given.audioUrl(last.id), from);
    } catch {
      // The text is on the page, and the play button offers the recording again.
      if (playing) {
        sound.finish(last.sequence);
        return;
      }
      sound.stop();
      dispatch({ type: "sound_ended", sequence: last.sequence, at: clock.now() });
      on.spoken();
    }
  }

  /** Barge-in: stop playback first, then tell the server how much was heard. */
  async function cutIn(sequence) {
    const { written, text } = room().reply;
    const held = sound?.blocked() ?? true;
    const read = sound?.receivedMs() ?? given.readingMs(text); // without sound the text was read instead
    const stopped = (await sound?.stop()) ?? null;
    position.played(sequence, 0, true);
    if (held && written) send(wire.playbackEnded(sequence));
    else send(wire.interrupt(sequence, held || stopped === null ? read : stopped.playedMs));
    dispatch({ type: "sound_stopped", sequence });
  }

  const events = {
    started: (sequence) => dispatch({ type: "sound_started", sequence }),
    level: (level) => {
      stage.theirLevel(level);
      on.level(level);
      const { reply } = room();
      if (reply === null || sound === null || sound.playing() !== reply.sequence) return;
      const ms = sound.playedMs();
      if (timers.now() - remembered > REMEMBER_EVERY_MS) {
        remembered = timers.now();
        position.played(reply.sequence, ms);
      }
      const totalSeconds = sound.isWhole() ? sound.receivedMs() / 1000 : null;
      stage.caption(reply.sequence, given.captions(reply.text, { heardSeconds: ms / 1000, totalSeconds }));
      on.progress();
    },
    ended: (sequence) => {
      position.played(sequence, 0, true);
      stage.caption(sequence, Infinity);
      if (room().ending === null) send(wire.playbackEnded(sequence));
      dispatch({ type: "sound_ended", sequence, at: clock.now() });
      on.spoken();
    },
    failed: soundFailed,
    blocked: (is) => {
      if (is && room().reply) stage.caption(room().reply.sequence, Infinity);
      dispatch({ type: is ? "sound_blocked" : "sound_unblocked" });
    },
  };

  return {
    events,
    begin,
    push,
    finish,
    hearTheRest,
    cutIn,
    openSound,
    close() {
      closed = true;
      dropSound();
    },
    speakSlower: (is) => sound?.speakSlower(is),
    hasSound: () => sound !== null,
    isPlaying: () => (sound?.playing() ?? null) !== null,
    silence: () => sound?.stop(),
    giveWay: (how) => sound?.giveWay(how),
    unlock: () => sound?.unlock(),
  };
}
