// The switch between hands-free and push-to-talk: a button and the key F.

const TYPING = "input, textarea, select, [contenteditable]";

/** `on.toggle()`; listeners end with `signal`. `show(is)` after every change. */
export function createHandsFreeSwitch({ button, root, on, signal }) {
  const listen = (target, type, handler) => target.addEventListener(type, handler, { signal });
  listen(button, "click", on.toggle);
  listen(root, "keydown", (event) => {
    if (event.key.toLowerCase() !== "f" || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.isComposing || event.target.closest?.(TYPING)) return;
    event.preventDefault();
    on.toggle();
  });
  return { show: (is) => button.setAttribute("aria-pressed", String(is)) };
}
