// How much of the AI's latest line was played in this browser, so that a reload or another tab goes on where it was.

const KEY = "playback-position"; // one for all sessions: only the latest is worth remembering

/** `storage` is a localStorage or something like it; a browser that forbids it forgets. */
export function createPlaybackPosition({ storage, sessionId }) {
  let memory = readFrom(storage, sessionId);

  function write(next) {
    memory = next;
    try {
      storage.setItem(KEY, JSON.stringify({ sessionId, ...next }));
    } catch {
      // full or forbidden: it lasts as long as the page
    }
  }

  return {
    /** `ms` of turn `sequence` were played; `ended` when nothing is left of it. */
    played(sequence, ms, ended = false) {
      write({ sequence, ms: Math.round(ms), ended });
    },

    /** From where to play turn `sequence`, in ms; null where it was heard to its end (or cut). */
    rest(sequence) {
      if (memory === null || memory.sequence < sequence) return 0;
      if (memory.sequence > sequence || memory.ended) return null;
      return memory.ms;
    },
  };
}

function readFrom(storage, sessionId) {
  try {
    const kept = JSON.parse(storage.getItem(KEY));
    return kept?.sessionId === sessionId ? kept : null;
  } catch {
    return null;
  }
}
