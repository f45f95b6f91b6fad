import assert from "node:assert/strict";
import { test } from "node:test";
import { keepAwake } from "../../static/js/keep-awake.js";
import { settled } from "./stand-ins.js";

function screen({ refused = false } = {}) {
  const locks = [];
  const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  const here = { locks, document, refused, life: new AbortController() };
  const request = async () => {
    if (here.refused) throw new DOMException("", "NotAllowedError");
    const lock = { released: false, release: () => (lock.released = true) };
    locks.push(lock);
    return lock;
  };
  keepAwake({ document, navigator: { wakeLock: { request } }, signal: here.life.signal });
  return here;
}

test("the screen stays on; a lock that was lost is requested again, one that holds is not", async () => {
  const { locks, document, life } = screen();
  await settled();
  document.dispatchEvent(new Event("click"));
  await settled();
  assert.equal(locks.length, 1);
  locks[0].released = true; // as browsers do when a page is hidden
  document.visibilityState = "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
  document.visibilityState = "visible";
  document.dispatchEvent(new Event("visibilitychange"));
  await settled();
  assert.deepEqual(locks.map((lock) => lock.released), [true, false]);
  life.abort();
  assert.equal(locks[1].released, true);
});

test("a lock that is refused, or granted after the room was left, is not kept", async () => {
  const refused = screen({ refused: true });
  await settled();
  refused.refused = false;
  refused.document.dispatchEvent(new Event("click"));
  await settled();
  assert.equal(refused.locks.length, 1, "asked again inside a click");

  const left = screen();
  left.life.abort();
  await settled();
  assert.deepEqual(left.locks.map((lock) => lock.released), [true]);
});
