// A deadline for browser promises, some of which never settle.

/** Rejection of `within`; `name` is the DOM's "TimeoutError". */
export class DeadlinePassed extends Error {
  constructor(ms) {
    super(`no answer within ${ms} ms`);
    this.name = "TimeoutError";
  }
}

/**
 * Calls `work()` at once and settles as its promise does; a throw rejects. Rejects with `DeadlinePassed` after `ms`; a value that arrives later goes to
 * `late(value)`, which must release it; a late rejection is ignored.
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

/** A promise with its own `resolve` and `reject`. Nobody need wait for it: a rejection that is not heard is no error. */
export function deferred() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  made.promise.catch(() => {});
  return made;
}
