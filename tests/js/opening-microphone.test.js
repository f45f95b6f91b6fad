import assert from "node:assert/strict";
import { test } from "node:test";
import { constraintsFor, microphonePermission, openMicrophone, problemOf } from "../../static/js/microphone.js";
import { createTime } from "./stand-ins.js";

for (const [name, message, permission, kind] of [
  ["NotAllowedError", "Permission dismissed", null, "dismissed"],
  ["NotAllowedError", "The request is not allowed by the user agent", "prompt", "dismissed"],
  ["NotAllowedError", "The request is not allowed by the user agent", "denied", "denied"],
  ["NotAllowedError", "Permission denied", null, "denied"],
  ["NotAllowedError", "Permission denied by system", "prompt", "blocked-by-system"],
  ["PermissionDismissedError", "", null, "dismissed"],
  ["TrackStartError", "", null, "busy"],
  ["DevicesNotFoundError", "", null, "missing"],
  ["TimeoutError", "", null, "unanswered"],
]) {
  test(`${name} "${message}" with permission ${permission} is known as ${kind}`, () => {
    assert.equal(problemOf(Object.assign(new Error(message), { name }), permission), kind);
  });
}

test("permissions that cannot be queried, reject, hang or have an unknown state count as unknown", async () => {
  const timers = createTime();
  const asking = (query) => microphonePermission({ permissions: { query }, timers });
  const refuse = () => {
    throw new TypeError("microphone is not a permission");
  };
  assert.equal(await microphonePermission({ permissions: undefined, timers }), null);
  assert.equal(await asking(refuse), null);
  assert.equal(await asking(async () => Promise.reject(new Error())), null);
  assert.equal(await asking(async () => ({ state: "perhaps" })), null);
  assert.equal(await asking(async () => ({ state: "prompt" })), "prompt");
  const hanging = asking(() => new Promise(() => {}));
  timers.pass(500);
  assert.equal(await hanging, null);
});

test("a microphone chosen earlier is preferred, not required", () => {
  assert.deepEqual(constraintsFor("desk").audio.deviceId, { ideal: "desk" });
  assert.equal("deviceId" in constraintsFor(null).audio, false);
});

test("a device that does not answer is busy if the browser asks nobody", async () => {
  const timers = createTime();
  const opening = openMicrophone({ mediaDevices: { getUserMedia: () => new Promise(() => {}) }, granted: true, timers });
  timers.pass(8000);
  await assert.rejects(opening, (error) => error.kind === "busy");
});

test("a browser without microphones is told apart from a page that may not use one", async () => {
  const opening = (mediaDevices) => openMicrophone({ mediaDevices, timers: createTime() });
  await assert.rejects(opening(undefined), (error) => error.kind === "unsupported");
  await assert.rejects(opening({}), (error) => error.kind === "unsupported");
  globalThis.isSecureContext = false;
  try {
    await assert.rejects(opening(undefined), (error) => error.kind === "insecure");
  } finally {
    delete globalThis.isSecureContext;
  }
});
