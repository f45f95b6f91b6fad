// Opens a microphone with a deadline and names every way it can fail.

import { DeadlinePassed, within } from "./deadline.js";

const ANSWER_MS = 60_000; // a person has to answer the prompt
const GRANTED_MS = 8_000; // no prompt: only the device can be slow
const PERMISSION_MS = 500;

// Includes the older names some browsers and shims still use.
const WHY = {
  NotAllowedError: "denied",
  PermissionDeniedError: "denied",
  PermissionDismissedError: "dismissed",
  SecurityError: "insecure",
  NotFoundError: "missing",
  DevicesNotFoundError: "missing",
  OverconstrainedError: "missing",
  ConstraintNotSatisfiedError: "missing",
  NotReadableError: "busy",
  TrackStartError: "busy",
  AbortError: "busy",
  TimeoutError: "unanswered",
  TypeError: "insecure",
};

/** `kind` selects a paragraph of components/microphone_help.html. */
export class MicrophoneProblem extends Error {
  constructor(kind, cause) {
    super(kind, { cause });
    this.name = "MicrophoneProblem";
    this.kind = kind;
  }
}

/**
 * denied, dismissed, blocked-by-system, insecure, missing, busy, unanswered, unsupported, recorder or failed: each has its help paragraph.
 * `permission` is the permission's state after the failure; "prompt" means the prompt was dismissed.
 */
export function problemOf(error, permission = null) {
  if (error?.kind) return error.kind;
  const kind = WHY[error?.name] ?? "failed";
  if (kind !== "denied") return kind;
  if (/system/i.test(error.message)) return "blocked-by-system";
  return permission === "prompt" || /dismiss/i.test(error.message) ? "dismissed" : "denied";
}

/** "granted", "denied", "prompt", or null if the browser cannot tell or does not answer. */
export async function microphonePermission({ permissions, timers = globalThis }) {
  try {
    const { state } = await within(PERMISSION_MS, () => permissions.query({ name: "microphone" }), { timers });
    return ["granted", "denied", "prompt"].includes(state) ? state : null;
  } catch {
    return null;
  }
}

/** Constraints for `getUserMedia`; `deviceId` is the microphone chosen earlier, a preference only. */
export function constraintsFor(deviceId) {
  const audio = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  return { audio: deviceId ? { ...audio, deviceId: { ideal: deviceId } } : audio };
}

/** A stream with a live audio track. Rejects with what `getUserMedia` rejects with, or with a MicrophoneProblem; a stream that arrives after the deadline is released. */
export async function openMicrophone({ mediaDevices, deviceId = null, granted = false, timers = globalThis }) {
  if (typeof mediaDevices?.getUserMedia !== "function") {
    throw new MicrophoneProblem(globalThis.isSecureContext === false ? "insecure" : "unsupported");
  }
  const ask = () => mediaDevices.getUserMedia(constraintsFor(deviceId));
  let stream;
  try {
    stream = await within(granted ? GRANTED_MS : ANSWER_MS, ask, { timers, late: letGo });
  } catch (error) {
    throw error instanceof DeadlinePassed ? new MicrophoneProblem(granted ? "busy" : "unanswered", error) : error;
  }
  const [track] = stream.getAudioTracks();
  if (track && track.readyState !== "ended") return stream;
  letGo(stream);
  throw new MicrophoneProblem("missing");
}

/** Stop every track, which turns the browser's recording indicator off. */
export function letGo(stream) {
  for (const track of stream?.getTracks() ?? []) {
    track.onended = track.onmute = track.onunmute = null;
    track.stop();
  }
}
