// Estimates the server's time; the computer's own clock may be wrong by hours.

const KEPT_SAMPLES = 8;
const SNAPSHOT_ROUND_TRIP_MS = 4000; // a snapshot carries no echo, so any measured round trip beats it
const JUMP_MS = 500;

/**
 * Estimates the server's clock from echoed pings; the fastest recent round trip wins.
 * `wall` is the computer's clock in ms, `steady` a monotonic one (also ms).
 */
export function createServerClock({ wall, steady }) {
  let samples = [];
  let before = 0; // the offset by the samples that were forgotten
  let anchor = { wall: wall(), steady: steady() };

  function offset() {
    if (samples.length === 0) return before;
    return samples.reduce((best, sample) => (sample.roundTrip <= best.roundTrip ? sample : best)).offset;
  }

  function keep(sample) {
    samples = [...samples, sample].slice(-KEPT_SAMPLES);
  }

  return {
    /** The computer's own time as sent in a `ping`. */
    clientTime: () => new Date(wall()).toISOString(),

    /** A `pong`: `clientTime` is what the ping carried. */
    answered({ serverTime, clientTime }) {
      const sent = Date.parse(clientTime);
      const roundTrip = Math.max(0, wall() - sent);
      keep({ offset: Date.parse(serverTime) - sent - roundTrip / 2, roundTrip });
    },

    /** A server time that arrived without an echo. */
    told(serverTime) {
      keep({ offset: Date.parse(serverTime) - wall(), roundTrip: SNAPSHOT_ROUND_TRIP_MS });
    },

    /** True if the computer slept or its clock was set since the last call, which invalidates the samples. */
    jumped() {
      const now = { wall: wall(), steady: steady() };
      const apart = Math.abs(now.wall - anchor.wall - (now.steady - anchor.steady));
      anchor = now;
      return apart > JUMP_MS;
    },

    /** Prefer whatever is heard next. */
    forget() {
      before = offset();
      samples = [];
    },

    calibrated: () => samples.some((sample) => sample.roundTrip < SNAPSHOT_ROUND_TRIP_MS),
    now: () => wall() + offset(),
    iso: () => new Date(wall() + offset()).toISOString(),
  };
}
