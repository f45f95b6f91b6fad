// Push-to-talk input: hold Space or the button, tap it, or press Enter.

const TAP_MS = 300; // a press shorter than this means "stay on until I press again"
const DOUBLE_MS = 400; // a second press this soon after a tap is a double click
const TYPING = "input, textarea, select, [contenteditable], dialog";
const PRESSABLE = "button, a, summary, audio, [role=button], [role=menuitem]";

/**
 * Turns raw key and pointer events on `root` (a document) and `button` into `on.begin()`, `on.stay()` (it was a tap), `on.end()` and `on.cancel()`.
 * `isOn()` tells whether a recording runs; `now` is in ms. Listeners end with `signal`.
 */
export function createTalkKeys({ root, view, button, now, isOn, on, signal }) {
  let held = null; // what is being held down: {by, pointer, since, began}
  let tappedAt = -Infinity; // when the latest tap was pressed

  function press(by, pointer) {
    if (held !== null || (isOn() && now() - tappedAt < DOUBLE_MS)) return;
    held = { by, pointer, since: now(), began: !isOn() };
    if (held.began) on.begin();
  }

  function release(by, pointer) {
    if (held === null || held.by !== by) return;
    if (held.pointer !== undefined && pointer !== undefined && held.pointer !== pointer) return; // another finger
    const { since, began } = held;
    held = null;
    const tapped = now() - since < TAP_MS;
    if (began && tapped) {
      tappedAt = since;
      on.stay();
    } else on.end();
  }

  function letGo() {
    if (held === null) return;
    const { began } = held;
    held = null;
    if (began && isOn()) on.end();
  }

  function listen(target, type, handler, options) {
    target.addEventListener(type, handler, { signal, ...options });
  }

  listen(root, "keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      if (!isOn()) return;
      held = null;
      event.preventDefault();
      on.cancel();
      return;
    }
    if (event.key !== " " && event.key !== "Enter") return;
    if (!meansTalk(event.target, button)) return;
    event.preventDefault();
    if (event.repeat) return;
    if (event.key === " ") press("space");
    else if (isOn()) on.end();
    else on.begin();
  });

  listen(root, "keyup", (event) => {
    if (event.key !== " ") return;
    if (meansTalk(event.target, button)) event.preventDefault(); // Firefox clicks a button when space is let go
    release("space");
  });

  listen(button, "pointerdown", (event) => {
    if (event.button !== 0) return;
    press("pointer", event.pointerId);
    try {
      button.setPointerCapture?.(event.pointerId);
    } catch {
      // the pointer is gone; the window still gets its pointerup
    }
  });
  for (const target of [button, view]) {
    listen(target, "pointerup", (event) => release("pointer", event.pointerId));
    listen(target, "pointercancel", letGo);
  }
  listen(button, "contextmenu", (event) => event.preventDefault()); // a long press on a phone

  // Screen readers and voice control click without a pointer.
  listen(button, "click", (event) => {
    if (event.detail !== 0 || held !== null) return;
    if (isOn()) on.end();
    else on.begin();
  });

  listen(view, "blur", letGo);
  listen(root, "visibilitychange", () => root.visibilityState === "hidden" && letGo());
}

function meansTalk(target, button) {
  if (target === button) return true;
  if (target?.closest?.(TYPING)) return false;
  return !target?.closest?.(PRESSABLE);
}
