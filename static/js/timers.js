// The browser's own timers and its clock that nobody can set, in ms, as the leaf modules take them.

export const timers = {
  now: () => performance.now(),
  setTimeout: (...args) => setTimeout(...args),
  clearTimeout: (id) => clearTimeout(id),
  setInterval: (...args) => setInterval(...args),
  clearInterval: (id) => clearInterval(id),
};
