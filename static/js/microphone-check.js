// Hears whether the microphone works. Browser APIs come in as arguments; nothing is recorded or sent.

const WHY = {
  NotAllowedError: "denied",
  SecurityError: "insecure",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
  TypeError: "insecure",
};

// denied, blocked-by-system, insecure, missing, busy, unsupported or failed: each has its own help on the page.
export function problemOf(error) {
  if (error.name === "NotAllowedError" && /system/i.test(error.message)) return "blocked-by-system";
  return WHY[error.name] ?? "failed";
}

export class MicrophoneProblem extends Error {
  constructor(kind, cause) {
    super(kind, { cause });
    this.kind = kind;
  }
}

// Loudness of one stretch of samples (-1 to 1) as 0 to 1, on a scale that follows the ear from -60 dB up.
export function levelOf(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const decibels = 10 * Math.log10(sum / samples.length + 1e-12);
  return Math.min(1, Math.max(0, (decibels + 60) / 54));
}

// Opens the microphone and reports its level until the signal aborts. Resolves to the microphone's name once it is
// open; rejects with a MicrophoneProblem.
export async function listen({
  mediaDevices,
  context,
  onLevel,
  onEnded,
  signal,
  secure = globalThis.isSecureContext,
  schedule = globalThis.requestAnimationFrame,
}) {
  if (!mediaDevices?.getUserMedia) throw new MicrophoneProblem(secure ? "unsupported" : "insecure");
  if (!context) throw new MicrophoneProblem("unsupported");
  let stream;
  try {
    stream = await mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } });
  } catch (error) {
    throw new MicrophoneProblem(problemOf(error), error);
  }
  const [track] = stream.getAudioTracks();
  const release = () => stream.getTracks().forEach((each) => each.stop());
  if (signal.aborted) {
    release();
    return track.label;
  }
  const source = context.createMediaStreamSource(stream);
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const read = () => {
    if (signal.aborted) return;
    analyser.getFloatTimeDomainData(samples);
    onLevel(levelOf(samples));
    schedule(read);
  };
  track.addEventListener("ended", () => onEnded?.(), { signal });
  signal.addEventListener("abort", () => {
    source.disconnect();
    release();
  });
  read();
  return track.label;
}
