// How much of the AI's latest line was played in this browser, so that a reload or another tab can resume there.

const KEY = "playback-position"; // one for all sessions: only the latest is worth remembering

/** `storage` is localStorage or undefined; without it the position lasts as long as the page. */
export function createPlaybackPosition({ storage, sessionId }) {
  let memory = readFrom(storage, sessionId);

  function write(next) {
    memory = next;
    try {
      storage.setItem(KEY, JSON.stringify({ sessionId, ...next }));
    } catch {
      // full or forbidden: kept in memory
    }
  }

  return {
    /** `ms` of turn `sequence` were played; `ended` when nothing is left of it. */
    played(sequence, ms, ended = false) {
      write({ sequence, ms: Math.round(ms), ended });
    },

    /** Where to resume turn `sequence`, in ms; null if it was played to its end or cut. */
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
