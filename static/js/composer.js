// The field for typing a turn: sends with Enter, keeps what was typed until the server has it.

import { createDraft } from "./draft.js";
import { createEnterKey } from "./enter-key.js";
import { createTypedTurn } from "./typed-turn.js";

/**
 * `parts` are the stage's; `listen(target, type, handler)` ends with `signal`; `storage` and `sessionId` as for draft.js. Returns `follow(room)`, for every
 * state of the room.
 */
export function furnishComposer(parts, conversation, listen, { storage, sessionId, now, signal }) {
  const field = parts.composer.querySelector("textarea");
  const draft = createDraft({ storage, sessionId });
  let shared;
  const turn = conversation.typeWith((given) => createTypedTurn((shared = given)));
  const { rules } = shared.given;

  function fill(words) {
    field.value = words;
    draft.keep({ words });
  }

  function putBack(text) {
    fill(field.value === "" ? text : `${text}\n${field.value}`);
  }

  // Its turn was accepted after all. What was changed since is left alone.
  function takeOut(text) {
    if (field.value !== text && !field.value.startsWith(`${text}\n`)) return;
    fill(field.value.slice(text.length + 1));
    turn.forget();
  }

  /** Keep the text of the turn on its way. Without being accepted it returns to the field once its turn is given up. */
  function follow(room) {
    if (room.ending !== null || room.link.link === "gone") {
      draft.forget();
      return;
    }
    const { sent } = draft.is();
    const isThere = ({ sequence }) => rules.nextSequence(room) > sequence;
    const typed = room.take?.text ? room.take : null;
    if (typed !== null && !isThere(typed)) {
      const { sequence, startedAt, text } = typed;
      if (sent?.startedAt !== startedAt) draft.keep({ sent: { sequence, startedAt, text } });
    } else if (sent !== null && isThere(sent)) {
      draft.keep({ sent: null });
      const spoken = room.turns.find(({ sequence }) => sequence === sent.sequence)?.asrStatus;
      if (sent.back && !spoken) takeOut(sent.text);
    } else if (sent !== null && !sent.back) {
      draft.keep({ sent: null });
      putBack(sent.text);
      if (room.take === null) field.focus();
    }
  }

  function restore() {
    const { words, sent } = draft.is();
    fill(field.value || words);
    if (sent !== null && !sent.back && rules.nextSequence(shared.room()) <= sent.sequence) {
      putBack(sent.text);
      draft.keep({ sent: { ...sent, back: true } });
    }
    if (field.value !== "") conversation.type(true);
    turn.typed(field.value);
  }

  function send() {
    if (!turn.send(field.value)) return;
    fill("");
    field.focus();
  }

  restore();
  listen(field, "input", () => {
    draft.keep({ words: field.value });
    turn.typed(field.value);
  });
  createEnterKey({ field, now, onEnter: send, signal });
  listen(parts.composer, "submit", (event) => {
    event.preventDefault();
    send();
  });
  listen(parts["type-instead"], "click", () => {
    conversation.type(true);
    field.focus();
  });
  listen(parts["speak-instead"], "click", () => {
    conversation.type(false);
    parts.talk.focus();
  });
  return { follow };
}
