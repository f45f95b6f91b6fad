// The field for typing a turn: sends with Enter, keeps a draft over a reload.

import { createEnterKey } from "./enter-key.js";
import { createTypedTurn } from "./typed-turn.js";

/** `parts` are the stage's; `listen(target, type, handler)` ends with `signal`; the draft is kept in sessionStorage under `key`. */
export function furnishComposer(parts, conversation, listen, { key, now, signal }) {
  const field = parts.composer.querySelector("textarea");
  const turn = conversation.typeWith(createTypedTurn);
  const remember = () => {
    try {
      sessionStorage.setItem(key, field.value);
    } catch {
      // storage is forbidden: the draft lasts as long as the page
    }
  };
  try {
    field.value ||= sessionStorage.getItem(key) ?? "";
  } catch {
    // forbidden: there is no draft
  }
  const send = () => {
    if (!turn.send(field.value)) return;
    field.value = "";
    remember();
    field.focus();
  };
  listen(field, "input", () => {
    remember();
    turn.typed(field.value);
  });
  createEnterKey({ field, now, onEnter: send, signal });
  listen(parts.composer, "submit", (event) => {
    event.preventDefault();
    send();
  });
  if (field.value) turn.typed(field.value); // before this module was loaded
  listen(parts["type-instead"], "click", () => {
    conversation.type(true);
    field.focus();
  });
  listen(parts["speak-instead"], "click", () => {
    conversation.type(false);
    parts.talk.focus();
  });
}
