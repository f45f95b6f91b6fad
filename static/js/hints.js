// Hints on request: a sentence on what to try, then an example line. Requested by button or H, removed when the turn
// ends.

const TYPING = "input, textarea, select, [contenteditable]";
const MY_TURN = new Set(["yours", "ask", "typing", "recording"]);

/**
 * `parts`: {ask, card, words, example, more, close}. `fetchHint(example)` resolves to {hint, example}; it rejects
 * with {detail} if there is none now. `scene()` is the room's; `root` receives the key presses. Listeners end with
 * `signal`.
 */
export function createHints({ parts, root, fetchHint, scene, say, announce, signal }) {
  let asking = false;
  let given = false; // A hint of this turn is on the card: only then does the next press show the example.
  const listen = (target, type, handler) => target.addEventListener(type, handler, { signal });

  async function ask(example) {
    if (asking) return;
    if (!MY_TURN.has(scene())) {
      announce(say("coach.later"));
      return;
    }
    asking = true;
    parts.ask.setAttribute("aria-busy", "true");
    try {
      show(await fetchHint(example));
      given = true;
    } catch (error) {
      show({ hint: error?.detail ?? say("coach.failed"), example: null }, false);
    } finally {
      asking = false;
      parts.ask.removeAttribute("aria-busy");
    }
  }

  function show({ hint, example }, more = true) {
    parts.words.textContent = hint;
    parts.example.textContent = example ? `“${example}”` : "";
    parts.example.hidden = !example;
    parts.more.hidden = !more || Boolean(example);
    parts.card.hidden = false;
  }

  function close() {
    if (parts.card.hidden) return;
    const focused = parts.card.contains(root.activeElement);
    parts.card.hidden = true;
    given = false;
    if (focused) parts.ask.focus();
  }

  listen(parts.ask, "click", () => ask(given));
  listen(parts.more, "click", () => ask(true));
  listen(parts.close, "click", close);
  listen(root, "keydown", (event) => {
    if (event.key.toLowerCase() !== "h" || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.isComposing || event.target.closest?.(TYPING)) return;
    event.preventDefault();
    ask(given);
  });

  return {
    /** The room's scene has changed: a hint is for one turn. */
    sceneChanged() {
      const mine = MY_TURN.has(scene());
      parts.ask.setAttribute("aria-disabled", String(!mine));
      if (!mine) close();
    },
  };
}

/** Asks the server; `fetch` as the browser has it. */
export function hintsOf(url, fetch) {
  return async (example) => {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ example }),
    });
    const body = await answer.json();
    if (!answer.ok) throw body;
    return body;
  };
}

/** Connects the hints of the room's stage `element` (its dataset `data`); a room without hints has no parts for them. */
export function furnishHints({ element, data, say, announce, signal }) {
  const part = (name) => element.querySelector(`[data-${name}]`);
  const ask = part("hint-ask");
  if (ask === null) return; // there are none at this difficulty
  const hints = createHints({
    parts: {
      ask,
      card: part("coach"),
      words: part("coach-words"),
      example: part("coach-example"),
      more: part("coach-more"),
      close: part("coach-close"),
    },
    root: document,
    fetchHint: hintsOf(data.hints, (...request) => fetch(...request)),
    scene: () => data.scene,
    say,
    announce,
    signal,
  });
  const watch = new MutationObserver(hints.sceneChanged);
  watch.observe(element, { attributes: true, attributeFilter: ["data-scene"] });
  signal.addEventListener("abort", () => watch.disconnect());
  hints.sceneChanged();
}
