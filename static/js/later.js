// Parts of the room that its first minute does not need: loaded at idle, so that they are there when the network is lost, or on first use.

/**
 * `later(path)` returns a function that resolves to the module; `load(path)` imports it and `resolve(path)` gives its URL. After a failure the
 * next call tries again under another URL, because browsers remember that a URL could not be loaded (whatwg/html issue 6768).
 */
export function createLater({ load, resolve }) {
  return (path) => {
    let loading = null;
    let failures = 0;
    return () => {
      loading ??= load(failures === 0 ? path : `${resolve(path)}?again=${failures}`).catch((error) => {
        failures += 1;
        loading = null;
        throw error;
      });
      return loading;
    };
  };
}

/**
 * Returns a function that loads `part()`, calls `furnish(module)` once and resolves to its result. Until then a press of the first button matching
 * `selector` within `root`, of `key`, or of Enter in a field of such a button's form waits for it and is repeated afterwards; `failed()` if the part
 * cannot be loaded.
 */
export function furnishLater({ root, part, furnish, failed, selector, key = null, signal }) {
  let furnished = null;
  const presses = new AbortController();
  signal.addEventListener("abort", () => presses.abort());

  async function use() {
    const module = await part();
    presses.abort();
    if (!signal.aborted) furnished ??= { is: furnish(module) };
    return furnished?.is;
  }

  function press(event, button) {
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat) use().then(() => button.click(), failed);
  }

  const listen = (type, handler) => root.addEventListener(type, handler, { capture: true, signal: presses.signal });
  listen("click", (event) => {
    const button = event.target.closest?.(selector);
    if (button) press(event, button);
  });
  listen("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.keyCode === 229) return;
    const field = event.target.closest?.("input, textarea, select, [contenteditable]");
    const wanted = field ? event.key === "Enter" && !event.shiftKey : event.key.toLowerCase() === key;
    const button = wanted && (field ? field.form : root)?.querySelector(selector);
    if (button) press(event, button);
  });
  return use;
}
