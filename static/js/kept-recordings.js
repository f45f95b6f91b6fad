// Keeps recordings in the browser until the server accepts them, so that a reload or a lost connection loses nothing.

const DATABASE = "practice-recordings";
const STORE = "recordings";
const LIFETIME_MS = 24 * 60 * 60 * 1000;

/**
 * A recording: `{sessionId, sequence, startedAt, endedAt, pieces: [ArrayBuffer], seconds, keptAt}`; `endedAt` is null while the trainee is speaking.
 * This page's recordings are also held in memory: without IndexedDB (private windows), or when the database is full or breaks, they live as long as
 * the page. The database may take as long as it likes to open: what is kept or forgotten meanwhile reaches it then, and `find` waits for it.
 * `changed("stored" | "memory")` tells when it has opened and when it cannot be used; before that a reload would lose what was said. Nothing rejects.
 */
export function openRecordings({ indexedDB, now, changed = () => {} }) {
  const held = inMemory(now);
  const waiting = new Map(); // by recording, the newest that the database has yet to do
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

  // Refused, full, broken or closed: from now on in memory alone.
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

  function whenOpen({ sessionId, sequence }, work) {
    if (where === "opening") waiting.set(`${sessionId}/${sequence}`, work);
    else attempt(work);
  }

  return {
    keep(recording) {
      held.keep(recording);
      whenOpen(recording, () => stored.keep(recording));
    },
    async find(sessionId, sequence) {
      if (!held.find(sessionId, sequence)) await opening;
      return held.find(sessionId, sequence) ?? attempt(() => stored.find(sessionId, sequence));
    },
    forget(sessionId, sequence) {
      held.forget(sessionId, sequence);
      whenOpen({ sessionId, sequence }, () => stored.forget(sessionId, sequence));
    },
  };
}

function opened(indexedDB) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: ["sessionId", "sequence"] });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
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

  return {
    close: () => database.close(),
    keep: (recording) => run("readwrite", (store) => store.put({ ...recording, keptAt: now() })),
    find: (sessionId, sequence) => run("readonly", (store) => store.get([sessionId, sequence])),
    forget: (sessionId, sequence) => run("readwrite", (store) => store.delete([sessionId, sequence])),
    async forgetOld() {
      for (const recording of await run("readonly", (store) => store.getAll())) {
        if (now() - recording.keptAt > LIFETIME_MS) {
          await run("readwrite", (store) => store.delete([recording.sessionId, recording.sequence]));
        }
      }
    },
  };
}

function inMemory(now) {
  const kept = new Map();
  const key = (sessionId, sequence) => `${sessionId}/${sequence}`;
  return {
    keep: (recording) => void kept.set(key(recording.sessionId, recording.sequence), { ...recording, keptAt: now() }),
    find: (sessionId, sequence) => kept.get(key(sessionId, sequence)),
    forget: (sessionId, sequence) => void kept.delete(key(sessionId, sequence)),
  };
}
