// Which microphones the trainee can choose from.

import { within } from "./deadline.js";

const LIST_MS = 1000;

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
