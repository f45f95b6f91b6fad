// Keeps recordings in the browser until the server accepts them, so that a reload or a lost connection loses nothing.

import { within } from "./deadline.js";

const DATABASE = "practice-recordings";
const STORE = "recordings";
const LIFETIME_MS = 24 * 60 * 60 * 1000;
const OPEN_MS = 1000;
const WORK_MS = 3000;

/**
 * A recording: `{sessionId, sequence, startedAt, endedAt, pieces: [ArrayBuffer], seconds, keptAt}`; `endedAt` is null while the trainee is speaking.
 * This page's recordings are also held in memory: without IndexedDB (private windows), or when the database hangs, is full or breaks,
 * recordings live as long as the page. No method rejects. `durable` tells whether a reload would find them.
 */
export async function openRecordings({ indexedDB, now, timers = globalThis }) {
  const held = inMemory(now);
  let stored = null;

  async function attempt(work) {
    if (stored === null) return undefined;
    try {
      return await within(WORK_MS, () => work(stored), { timers });
    } catch {
      stored.close();
      stored = null; // full, broken or silent: from now on in memory alone
      return undefined;
    }
  }

  try {
    const database = await within(OPEN_MS, () => opened(indexedDB), { timers, late: (late) => late.close() });
    stored = inDatabase(database, now);
    database.onversionchange = () => {
      database.close();
      stored = null;
    };
    attempt((database) => database.forgetOld());
  } catch {
    stored = null;
  }

  return {
    get durable() {
      return stored !== null;
    },
    async keep(recording) {
      held.keep(recording);
      await attempt((database) => database.keep(recording));
    },
    find: async (sessionId, sequence) => held.find(sessionId, sequence) ?? (await attempt((database) => database.find(sessionId, sequence))),
    async forget(sessionId, sequence) {
      held.forget(sessionId, sequence);
      await attempt((database) => database.forget(sessionId, sequence));
    },
  };
}

/** The same interface over a promise of recordings; every call waits for it. */
export function eventually(opening) {
  const later = (name) => async (...values) => (await opening)[name](...values);
  return { keep: later("keep"), find: later("find"), forget: later("forget") };
}

function opened(indexedDB) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: ["sessionId", "sequence"] });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked by another tab"));
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
