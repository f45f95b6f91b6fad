// What was typed and the server does not have yet, kept in this tab over a reload.

const KEY = "draft"; // one for all sessions: one that this tab has left ends within seconds, and its draft is overwritten
const NOTHING = { words: "", sent: null };

/**
 * A draft is `{words, sent}`: what is in the field, and null or the `{sequence, startedAt, text}` of a turn on its way, with `back` once its text is in
 * the field again. `storage` is sessionStorage or undefined; without it a draft lasts as long as the page.
 */
export function createDraft({ storage, sessionId }) {
  let draft = { ...NOTHING, ...readFrom(storage, sessionId) };

  function keep(changes) {
    draft = { ...draft, ...changes };
    try {
      if (draft.words === "" && draft.sent === null) storage.removeItem(KEY);
      else storage.setItem(KEY, JSON.stringify({ sessionId, ...draft }));
    } catch {
      // full or forbidden: kept in memory
    }
  }

  return { is: () => draft, keep, forget: () => keep(NOTHING) };
}

function readFrom(storage, sessionId) {
  try {
    const kept = JSON.parse(storage.getItem(KEY));
    return kept.sessionId === sessionId ? kept : null;
  } catch {
    return null; // forbidden, or there is none
  }
}
