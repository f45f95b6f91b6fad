// How much of the AI's latest line this tab has played, so that a reload goes on where it was.

/** `storage` is a sessionStorage or something like it; a browser that forbids it forgets. */
export function createHeard({ storage, sessionId }) {
  const key = `heard:${sessionId}`;
  let memory = readFrom(storage, key);

  function write(next) {
    memory = next;
    try {
      storage.setItem(key, JSON.stringify(next));
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

function readFrom(storage, key) {
  try {
    return JSON.parse(storage.getItem(key));
  } catch {
    return null;
  }
}
