// Remembers in this browser which microphone the trainee chose, for the check and the room.

import { within } from "./deadline.js";

const KEY = "microphone";
const LIST_MS = 1000;

/** `storage` is localStorage or undefined. Null means the system's own choice. */
export function chosenMicrophone(storage) {
  try {
    return storage.getItem(KEY) || null;
  } catch {
    return null;
  }
}

/** Remember `deviceId`; false if the browser stores nothing. */
export function chooseMicrophone(storage, deviceId) {
  try {
    storage.setItem(KEY, deviceId);
    return true;
  } catch {
    return false;
  }
}

/** `[{deviceId, label}]`, without devices that have no name yet; empty if the browser cannot tell or does not answer. */
export async function listMicrophones({ mediaDevices, timers = globalThis }) {
  try {
    const devices = await within(LIST_MS, () => mediaDevices.enumerateDevices(), { timers });
    // Chrome lists the device for calls a second time under this name.
    return devices.filter(({ kind, deviceId, label }) => kind === "audioinput" && label && deviceId !== "communications");
  } catch {
    return [];
  }
}
