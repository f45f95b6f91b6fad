// Time left, for display only; the server ends sessions.

const IDLE_SHOWN_SECONDS = 10;
const SESSION_SHOWN_SECONDS = 30;
const SPOKEN_AT = new Set([30, 10, 5]);

/**
 * What to show now: `{idle, session}`, whole seconds left or null while quiet. All times in ms of the server's
 * clock. `quietSince` is when the trainee's silence began, null while the idle clock is stopped.
 */
export function timeLeft({ now, startedAt, durationLimitSeconds, quietSince, idleLimitSeconds }) {
  return {
    session: shown(startedAt, durationLimitSeconds, now, SESSION_SHOWN_SECONDS),
    idle: shown(quietSince, idleLimitSeconds, now, IDLE_SHOWN_SECONDS),
  };
}

function shown(since, limitSeconds, now, threshold) {
  if (since === null) return null;
  const left = Math.ceil((since + limitSeconds * 1000 - now) / 1000);
  return left <= threshold ? Math.max(left, 0) : null;
}

/** True for the seconds worth announcing to screen readers. */
export function worthSaying(seconds) {
  return SPOKEN_AT.has(seconds);
}

/** Seconds as m:ss. */
export function clockFace(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
