import assert from "node:assert/strict";
import { test } from "node:test";
import { openRecordings } from "../../static/js/kept-recordings.js";
import { settled } from "./stand-ins.js";

const take = { sessionId: "s1", sequence: 1, startedAt: "2026-01-05T09:01:00.000Z", pieces: [] };
const earlier = { sessionId: "s1", sequence: 3, startedAt: "2026-01-05T09:00:00.000Z", pieces: [], keptAt: 4 };
globalThis.IDBKeyRange = { bound: (from) => ({ from }) }; // the fake matches every key with this prefix

// An IndexedDB that opens when the test lets it. `behaviour.work`: whether its requests "answer", "hang", "throw" or "abort".
function database(behaviour = { work: "answer" }) {
  const keyOf = ({ sessionId, sequence, startedAt }) => `${sessionId},${sequence},${startedAt}`;
  const rows = new Map([[keyOf(earlier), earlier]]);
  const within = (range) => [...rows.keys()].filter((key) => key.startsWith(String(range.from ?? range)));
  const done = [];
  let closed = 0;
  let opening = null;
  const store = {
    put: (row) => ({ then: () => rows.set(keyOf(row), row) }),
    getAll: (range = { from: "" }) => ({ result: within(range).map((key) => rows.get(key)) }),
    delete: (range) => ({ then: () => within(range).forEach((key) => rows.delete(key)) }),
  };
  const connection = {
    close: () => (closed += 1),
    transaction() {
      if (behaviour.work === "throw") throw new DOMException("", "InvalidStateError");
      const requests = [];
      const made = { error: new DOMException("", "QuotaExceededError") };
      made.objectStore = () =>
        Object.fromEntries(
          Object.entries(store).map(([name, ask]) => [
            name,
            (given) => {
              const { then, ...request } = ask(given);
              requests.push([name, then]);
              return request;
            },
          ]),
        );
      queueMicrotask(() => {
        if (behaviour.work === "abort") made.onabort();
        if (behaviour.work !== "answer") return;
        for (const [name, then] of requests) {
          done.push(name);
          then?.();
        }
        made.oncomplete();
      });
      return made;
    },
  };
  return {
    indexedDB: { open: () => (opening = { result: connection }) },
    of: (recording) => rows.get(keyOf(recording)),
    open: () => opening.onsuccess(),
    upgrade: (request) => Object.assign(opening, request).onupgradeneeded(),
    refuse: () => opening.onerror(),
    connection,
    rows,
    done,
    closed: () => closed,
  };
}

function opened(given) {
  const told = [];
  const recordings = openRecordings({ indexedDB: given.indexedDB, now: () => 5, changed: (where) => told.push(where) });
  return { recordings, told };
}

test("recordings are kept without a database if the browser refuses one", async () => {
  const given = database();
  const { recordings, told } = opened(given);
  recordings.keep(take);
  given.refuse();
  await settled();
  assert.equal((await recordings.find("s1", 1)).keptAt, 5);
  assert.equal(await recordings.find("s1", 3), undefined);
  assert.deepEqual(told, ["memory"]);
});

test("without IndexedDB recordings live in memory", async () => {
  const { recordings, told } = opened({ indexedDB: null });
  recordings.keep(take);
  assert.equal((await recordings.find("s1", 1)).sequence, 1);
  assert.deepEqual(told, ["memory"]);
});

test("a database that opens late is still read, and gets what was kept in the meantime", async () => {
  const given = database();
  const { recordings, told } = opened(given);
  let found = "nothing yet";
  recordings.find("s1", 3).then((recording) => (found = recording));
  recordings.keep(take);
  recordings.keep({ ...take, endedAt: "now" });
  assert.equal((await recordings.find("s1", 1)).endedAt, "now");
  await settled();
  assert.deepEqual([found, told, given.rows.size], ["nothing yet", [], 1]);
  given.open();
  await settled();
  assert.equal(found, earlier);
  assert.deepEqual(told, ["stored"]);
  assert.equal(given.of(take).endedAt, "now");
  assert.equal(given.done.filter((name) => name === "put").length, 1, "the newest is enough");
});

test("what was deleted before the database opened is not found in it", async () => {
  const given = database();
  const { recordings } = opened(given);
  recordings.forget("s1", 3);
  const finding = recordings.find("s1", 3);
  given.open();
  assert.equal(await finding, undefined);
  await settled();
  assert.equal(given.of(earlier), undefined);
});

test("a turn recorded again before the database opened leaves the recording of an earlier page alone", async () => {
  const given = database();
  const { recordings } = opened(given);
  const again = { ...earlier, startedAt: "2026-01-05T09:02:00.000Z" };
  const finding = recordings.find("s1", 3);
  recordings.keep(again);
  given.open();
  assert.equal(await finding, earlier);
  await settled();
  assert.deepEqual([given.of(earlier), given.of(again).keptAt], [earlier, 5]);
  recordings.forget("s1", 3, again.startedAt);
  assert.equal(await recordings.find("s1", 3), earlier, "the new one was cancelled");
  recordings.keep(again);
  recordings.forget("s1", 3);
  await settled();
  assert.equal(given.rows.size, 0, "the server has the turn");
});

test("recordings that an earlier version of this page kept are carried over", () => {
  const given = database();
  opened(given);
  const request = { put: [], deleted: [] };
  const old = {};
  request.result = {
    createObjectStore: () => ({ put: (row) => request.put.push(row) }),
    objectStoreNames: { contains: () => true },
    deleteObjectStore: (name) => request.deleted.push(name),
  };
  request.transaction = { objectStore: () => ({ getAll: () => old }) };
  given.upgrade(request);
  old.onsuccess({ target: { result: [earlier] } });
  assert.deepEqual([request.put, request.deleted], [[earlier], ["recordings"]]);
});

for (const work of ["throw", "abort"]) {
  test(`a database whose requests ${work} is replaced by memory, and nothing rejects`, async () => {
    const behaviour = { work: "answer" };
    const given = database(behaviour);
    const { recordings, told } = opened(given);
    given.open();
    await settled();
    behaviour.work = work;
    recordings.keep(take);
    await settled();
    assert.deepEqual([told, given.closed()], [["stored", "memory"], 1]);
    assert.equal((await recordings.find("s1", 1)).sequence, 1);
    recordings.forget("s1", 1);
    assert.equal(await recordings.find("s1", 1), undefined);
  });
}

test("a database that stops answering delays nothing", async () => {
  const behaviour = { work: "answer" };
  const given = database(behaviour);
  const { recordings } = opened(given);
  given.open();
  await settled();
  behaviour.work = "hang";
  recordings.keep(take);
  assert.equal((await recordings.find("s1", 1)).sequence, 1);
});

test("recordings move to memory if the browser closes the database", async () => {
  const given = database();
  const { told } = opened(given);
  given.open();
  await settled();
  given.connection.onclose();
  assert.deepEqual(told, ["stored", "memory"]);
});
