// Enter in a text field that may be composing (IME): ending a composition must not send half a sentence.

const SETTLE_MS = 50; // Safari ends a composition first and sends the Enter that ended it afterwards

/**
 * Calls `onEnter()` for an Enter that means "send": without Shift, not auto-repeated, and not ending a composition, which browsers signal in
 * three ways: `isComposing`, key code 229, or a `compositionend` just before. Ends with `signal`.
 */
export function createEnterKey({ field, now, onEnter, signal }) {
  let composing = false;
  let composedAt = -Infinity;

  function listen(type, handler) {
    field.addEventListener(type, handler, { signal });
  }

  listen("compositionstart", () => {
    composing = true;
  });
  listen("compositionend", () => {
    composing = false;
    composedAt = now();
  });
  listen("blur", () => {
    composing = false; // some browsers drop a composition without an event
  });
  listen("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    if (composing || event.isComposing || event.keyCode === 229 || now() - composedAt < SETTLE_MS) return;
    event.preventDefault();
    if (!event.repeat) onEnter();
  });
}
