// Checks that the microphone works. Browser APIs are arguments.

import { resume } from "./audio-context.js";
import { letGo, MicrophoneProblem, openMicrophone, problemOf } from "./microphone.js";

export { MicrophoneProblem, problemOf };

// Loudness of a block of samples (-1 to 1) as 0 to 1, logarithmic from -60 dB up.
export function levelOf(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const decibels = 10 * Math.log10(sum / samples.length + 1e-12);
  return Math.min(1, Math.max(0, (decibels + 60) / 54));
}

const STANDS_STILL_MS = 2000;

/**
 * Opens the microphone and reports its level until `signal` aborts, which releases it. Resolves to the device's name; rejects
 * with a MicrophoneProblem after releasing everything. `onOpen(source)` gets the audio node. Later `onEnded(kind)` reports a lost device or a context that does not run,
 * `onMuted(is)` the hardware mute switch.
 */
export async function listen({
  mediaDevices,
  context,
  deviceId = null,
  permission = async () => null,
  onOpen = () => {},
  onLevel,
  onEnded,
  onMuted,
  signal,
  secure = globalThis.isSecureContext,
  schedule = globalThis.requestAnimationFrame,
  timers = globalThis,
}) {
  if (!mediaDevices?.getUserMedia) throw new MicrophoneProblem(secure ? "unsupported" : "insecure");
  if (!context) throw new MicrophoneProblem("unsupported");
  let stream;
  try {
    stream = await openMicrophone({ mediaDevices, deviceId, granted: (await permission()) === "granted", timers });
  } catch (error) {
    throw new MicrophoneProblem(problemOf(error, await permission()), error);
  }
  const [track] = stream.getAudioTracks();
  if (signal.aborted) {
    letGo(stream);
    return track.label;
  }
  let source = null;
  let analyser;
  try {
    source = context.createMediaStreamSource(stream);
    analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    source.connect(analyser);
  } catch (error) {
    source?.disconnect();
    letGo(stream);
    throw new MicrophoneProblem("recorder", error);
  }
  const samples = new Float32Array(analyser.fftSize);
  const read = () => {
    if (signal.aborted) return;
    analyser.getFloatTimeDomainData(samples);
    onLevel(levelOf(samples));
    schedule(read);
  };
  track.addEventListener("ended", () => onEnded?.("missing"), { signal });
  track.addEventListener("mute", () => onMuted?.(true), { signal });
  track.addEventListener("unmute", () => onMuted?.(false), { signal });
  if (context.state !== undefined && context.state !== "running") resume(context);
  const stalled = timers.setTimeout(() => context.state !== undefined && context.state !== "running" && onEnded?.("recorder"), STANDS_STILL_MS);
  signal.addEventListener("abort", () => {
    timers.clearTimeout(stalled);
    source.disconnect();
    letGo(stream);
  });
  if (track.muted) onMuted?.(true);
  onOpen(source);
  read();
  return track.label;
}
