// Keeps recordings in the browser until the server accepts them, so that a reload or a lost connection loses nothing.

const DATABASE = "practice-recordings";
const STORE = "takes";
const STORE_1 = "recordings"; // version 1 kept one recording per turn
const LIFETIME_MS = 24 * 60 * 60 * 1000;

/**
 * A recording: `{sessionId, sequence, startedAt, endedAt, pieces: [ArrayBuffer], seconds, keptAt}`; `endedAt` is null while the trainee is speaking.
 * One turn may have several: the page was reloaded and the turn recorded again before the database had opened.
 *
 * This page's recordings are also held in memory. Without IndexedDB (private windows), or once the database is full or broken, they live as long as
 * the page. The database may take any time to open: changes made before that are applied then, and `find` waits for it.
 * `changed("stored" | "memory")` reports that the database has opened or cannot be used; until then a reload loses what was said. Nothing rejects.
 */
export function openRecordings({ indexedDB, now, changed = () => {} }) {
  const held = inMemory(now);
  const waiting = new Map(); // by recording: the latest change, for when the database has opened
  let where = "opening";
  let stored = null;
  const opening = opened(indexedDB).then(use, leave);

  function use(database) {
    stored = inDatabase(database, now);
    database.onversionchange = database.onclose = leave;
    move("stored");
    attempt(() => stored.forgetOld());
    for (const work of waiting.values()) attempt(work);
    waiting.clear();
  }

  // Refused, full, broken or closed: use memory alone from now on.
  function leave() {
    stored?.close();
    stored = null;
    waiting.clear();
    if (where !== "memory") move("memory");
  }

  function move(to) {
    where = to;
    changed(to);
  }

  async function attempt(work) {
    if (stored === null) return undefined;
    try {
      return await work();
    } catch {
      leave();
      return undefined;
    }
  }

  function whenOpen(id, work) {
    if (where === "opening") waiting.set(id, work);
    else attempt(work);
  }

  return {
    keep(recording) {
      const { sessionId, sequence, startedAt } = recording;
      held.keep(recording);
      whenOpen(idOf(sessionId, sequence, startedAt), () => stored.keep(recording));
    },

    /** The latest recording of a turn. If this page has none yet, it waits for the database and prefers one of an earlier page. */
    async find(sessionId, sequence) {
      const here = latest(held.find(sessionId, sequence));
      if (here) return here;
      await opening;
      const all = (await attempt(() => stored.find(sessionId, sequence))) ?? [];
      const made = held.find(sessionId, sequence);
      return latest(all.filter(({ startedAt }) => !made.some((one) => one.startedAt === startedAt))) ?? latest(made);
    },

    /** Forget a turn's recordings, or only the one that began at `startedAt`. */
    forget(sessionId, sequence, startedAt = null) {
      const id = idOf(sessionId, sequence, startedAt);
      held.forget(id);
      for (const other of [...waiting.keys()]) if (other.startsWith(id)) waiting.delete(other);
      whenOpen(id, () => stored.forget(sessionId, sequence, startedAt));
    },
  };
}

function idOf(sessionId, sequence, startedAt) {
  return `${sessionId}/${sequence}/${startedAt ?? ""}`;
}

function latest(recordings) {
  return [...recordings].sort((one, other) => Date.parse(one.startedAt) - Date.parse(other.startedAt)).at(-1);
}

function opened(indexedDB) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 2);
    request.onupgradeneeded = () => upgrade(request);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function upgrade({ result: database, transaction }) {
  const takes = database.createObjectStore(STORE, { keyPath: ["sessionId", "sequence", "startedAt"] });
  if (!database.objectStoreNames.contains(STORE_1)) return;
  transaction.objectStore(STORE_1).getAll().onsuccess = ({ target }) => {
    for (const recording of target.result) takes.put(recording);
    database.deleteObjectStore(STORE_1);
  };
}

function inDatabase(database, now) {
  function run(mode, work) {
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  // Every key that begins with these two: an array sorts after any string.
  function ofTurn(sessionId, sequence) {
    return IDBKeyRange.bound([sessionId, sequence], [sessionId, sequence, []]);
  }

  return {
    close: () => database.close(),
    keep: (recording) => run("readwrite", (store) => store.put({ ...recording, keptAt: now() })),
    find: (sessionId, sequence) => run("readonly", (store) => store.getAll(ofTurn(sessionId, sequence))),
    forget: (sessionId, sequence, startedAt) =>
      run("readwrite", (store) => store.delete(startedAt === null ? ofTurn(sessionId, sequence) : [sessionId, sequence, startedAt])),
    async forgetOld() {
      for (const { sessionId, sequence, startedAt, keptAt } of await run("readonly", (store) => store.getAll())) {
        if (now() - keptAt > LIFETIME_MS) await this.forget(sessionId, sequence, startedAt);
      }
    },
  };
}

function inMemory(now) {
  const kept = new Map();
  return {
    keep: (recording) => void kept.set(idOf(recording.sessionId, recording.sequence, recording.startedAt), { ...recording, keptAt: now() }),
    find: (sessionId, sequence) => [...kept].filter(([id]) => id.startsWith(idOf(sessionId, sequence))).map(([, recording]) => recording),
    forget(id) {
      for (const other of [...kept.keys()]) if (other.startsWith(id)) kept.delete(other);
    },
  };
}
