import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, openRecordings } from "../../static/js/kept-recordings.js";
import { createTime } from "./stand-ins.js";

const take = { sessionId: "s1", sequence: 1, pieces: [] };
const settled = () => new Promise((resolve) => setImmediate(resolve));

// An IndexedDB whose requests do what the test says: "answer", "hang", "throw" or "abort".
function database(behaviour) {
  const closed = [];
  const request = (result) => {
    const made = { result };
    if (behaviour.open === "answer") queueMicrotask(() => made.onsuccess());
    if (behaviour.open === "refuse") queueMicrotask(() => made.onerror());
    if (behaviour.open === "block") queueMicrotask(() => made.onblocked());
    return made;
  };
  const connection = {
    close: () => closed.push(true),
    transaction: () => {
      if (behaviour.work === "throw") throw new DOMException("", "InvalidStateError");
      const made = { error: new DOMException("", "QuotaExceededError"), objectStore: () => ({ put: () => ({}), get: () => ({}), getAll: () => ({ result: [] }), delete: () => ({}) }) };
      queueMicrotask(() => (behaviour.work === "abort" ? made.onabort() : behaviour.work === "answer" && made.oncomplete()));
      return made;
    },
  };
  return { indexedDB: { open: () => request(connection) }, closed };
}

for (const open of ["refuse", "block"]) {
  test(`a database that is told to ${open} is done without`, async () => {
    const recordings = await openRecordings({ ...database({ open }), now: () => 5, timers: createTime() });
    await recordings.keep(take);
    assert.equal((await recordings.find("s1", 1)).keptAt, 5);
    assert.equal(recordings.durable, false);
  });
}

test("a silent database is done without after a second", async () => {
  const timers = createTime();
  const opening = openRecordings({ ...database({ open: "hang" }), now: () => 5, timers });
  timers.pass(1000);
  assert.equal((await opening).durable, false);
});

for (const work of ["throw", "abort"]) {
  test(`a database that will ${work} while it is used is left for memory, and nothing rejects`, async () => {
    const behaviour = { open: "answer", work: "answer" };
    const { indexedDB, closed } = database(behaviour);
    const recordings = await openRecordings({ indexedDB, now: () => 5, timers: createTime() });
    await settled();
    assert.equal(recordings.durable, true);
    behaviour.work = work;
    await recordings.keep(take);
    assert.deepEqual([recordings.durable, closed.length], [false, 1]);
    assert.equal((await recordings.find("s1", 1)).sequence, 1);
    await recordings.forget("s1", 1);
    assert.equal(await recordings.find("s1", 1), undefined);
  });
}

test("a database that falls silent while it is used is left for memory", async () => {
  const timers = createTime();
  const behaviour = { open: "answer", work: "answer" };
  const recordings = await openRecordings({ ...database(behaviour), now: () => 5, timers });
  await settled();
  behaviour.work = "hang";
  const keeping = recordings.keep(take);
  timers.pass(3000);
  await keeping;
  assert.equal(recordings.durable, false);
});

test("before it has opened, every call waits", async () => {
  let open;
  const recordings = eventually(new Promise((resolve) => (open = resolve)));
  const found = recordings.find("s1", 1);
  open({ find: async () => take });
  assert.equal(await found, take);
});
