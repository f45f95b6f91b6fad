// The browser's timers and monotonic clock (ms), in the form the leaf modules take.

export const timers = {
  now: () => performance.now(),
  setTimeout: (...args) => setTimeout(...args),
  clearTimeout: (id) => clearTimeout(id),
  setInterval: (...args) => setInterval(...args),
  clearInterval: (id) => clearInterval(id),
};
