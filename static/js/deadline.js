// A deadline for what a browser promises: some promises never settle.

/** Named as browsers name it. `ms` is how long was waited. */
export class DeadlinePassed extends Error {
  constructor(ms) {
    super(`no answer within ${ms} ms`);
    this.name = "TimeoutError";
  }
}

/**
 * Calls `work()` at once and settles as its promise does; a throw rejects. Rejects with `DeadlinePassed` after `ms`; what arrives later is given to
 * `late(value)`, which has to let go of it, and a late rejection is dropped with the rest of the attempt.
 */
export function within(ms, work, { timers = globalThis, late = () => {} } = {}) {
  return new Promise((resolve, reject) => {
    let over = false;
    const timer = timers.setTimeout(() => {
      over = true;
      reject(new DeadlinePassed(ms));
    }, ms);
    const settle = (done) => (value) => {
      if (over) return done === resolve ? late(value) : undefined;
      timers.clearTimeout(timer);
      done(value);
    };
    try {
      Promise.resolve(work()).then(settle(resolve), settle(reject));
    } catch (error) {
      settle(reject)(error);
    }
  });
}
