// Opening a microphone: asked for with patience, and every way it can fail under its own name.

import { DeadlinePassed, within } from "./deadline.js";

const ANSWER_MS = 60_000; // a person reads the browser's question
const GRANTED_MS = 8_000; // nobody is asked: only the device can be slow
const PERMISSION_MS = 500;

// Older names are still sent by some browsers and by plug-ins that stand in for them.
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

/** `kind` is one of the paragraphs of components/microphone_help.html. */
export class MicrophoneProblem extends Error {
  constructor(kind, cause) {
    super(kind, { cause });
    this.name = "MicrophoneProblem";
    this.kind = kind;
  }
}

/**
 * denied, dismissed, blocked-by-system, insecure, missing, busy, unanswered, unsupported, recorder or failed: each has its own help on the page.
 * `permission` is the browser's state afterwards: "prompt" means that its question was closed without an answer.
 */
export function problemOf(error, permission = null) {
  if (error?.kind) return error.kind;
  const kind = WHY[error?.name] ?? "failed";
  if (kind !== "denied") return kind;
  if (/system/i.test(error.message)) return "blocked-by-system";
  return permission === "prompt" || /dismiss/i.test(error.message) ? "dismissed" : "denied";
}

/** "granted", "denied", "prompt", or null where the browser cannot tell or does not answer. */
export async function microphonePermission({ permissions, timers = globalThis }) {
  try {
    const { state } = await within(PERMISSION_MS, () => permissions.query({ name: "microphone" }), { timers });
    return ["granted", "denied", "prompt"].includes(state) ? state : null;
  } catch {
    return null;
  }
}

/** What to ask `getUserMedia` for; `deviceId` is the microphone chosen earlier, given up for another where it is gone. */
export function constraintsFor(deviceId) {
  const audio = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  return { audio: deviceId ? { ...audio, deviceId: { ideal: deviceId } } : audio };
}

/** A stream with a live audio track. Rejects with what `getUserMedia` rejects with, or with a MicrophoneProblem; what comes after the deadline is let go. */
export async function openMicrophone({ mediaDevices, deviceId = null, granted = false, timers = globalThis }) {
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

/** Stop every track: the browser's sign that the page listens goes out. */
export function letGo(stream) {
  for (const track of stream?.getTracks() ?? []) {
    track.onended = track.onmute = track.onunmute = null;
    track.stop();
  }
}
