// Recordings stay in this browser until the server has accepted them, so that a reload or a lost connection loses nothing.

const DATABASE = "practice-recordings";
const STORE = "recordings";
const LIFETIME_MS = 24 * 60 * 60 * 1000;

/**
 * A recording: `{sessionId, sequence, startedAt, endedAt, pieces: [ArrayBuffer], seconds, keptAt}`; `endedAt` is null while the trainee still spoke.
 * Where the browser has no IndexedDB (private windows) recordings live as long as the page.
 */
export async function openRecordings({ indexedDB, now }) {
  try {
    const database = await opened(indexedDB);
    const recordings = inDatabase(database, now);
    await recordings.forgetOld();
    return recordings;
  } catch {
    return inMemory(now);
  }
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
  const ofSession = (sessionId) => [[sessionId], [sessionId, []]]; // arrays sort after every number

  return {
    durable: true,
    keep: (recording) => run("readwrite", (store) => store.put({ ...recording, keptAt: now() })),
    find: (sessionId, sequence) => run("readonly", (store) => store.get([sessionId, sequence])),
    forget: (sessionId, sequence) => run("readwrite", (store) => store.delete([sessionId, sequence])),
    forgetSession: (sessionId, range) => run("readwrite", (store) => store.delete(range.bound(...ofSession(sessionId)))),
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
    durable: false,
    keep: async (recording) => void kept.set(key(recording.sessionId, recording.sequence), { ...recording, keptAt: now() }),
    find: async (sessionId, sequence) => kept.get(key(sessionId, sequence)),
    forget: async (sessionId, sequence) => void kept.delete(key(sessionId, sequence)),
    forgetSession: async () => kept.clear(),
    forgetOld: async () => {},
  };
}
