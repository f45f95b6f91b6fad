// Coach me: the card of a coaching pause, closed by the next turn or by Go on (G), and the choice to be coached.

const TYPING = "input, textarea, select, [contenteditable]";

/**
 * `parts`: {card, praise, quote, next, go, chosen}; `chosen` is the checkbox. `goOn()` ends the pause; `choose(on)`
 * tells the server and rejects if it could not. `root` receives the key presses. Listeners end with `signal`.
 */
export function createCoaching({ parts, root, goOn, choose, say, announce, signal }) {
  const listen = (target, type, handler) => target.addEventListener(type, handler, { signal });
  let shown = null;

  function close() {
    const focused = parts.card.contains(root.activeElement);
    parts.card.hidden = true;
    return focused;
  }

  listen(parts.go, "click", goOn);
  listen(root, "keydown", (event) => {
    if (event.key.toLowerCase() !== "g" || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (parts.card.hidden || event.isComposing || event.target.closest?.(TYPING)) return;
    event.preventDefault();
    goOn();
  });
  listen(parts.chosen, "change", choice);
  if (parts.chosen.checked !== parts.chosen.defaultChecked) choice(); // made before this module was loaded

  async function choice() {
    const on = parts.chosen.checked;
    try {
      await choose(on);
    } catch {
      parts.chosen.checked = !on;
      announce(say("coaching.failed"));
    }
  }

  return {
    /**
     * `pause`: {praise, quote, next}, null while the talk goes on; with `waits` it is not shown yet, because the
     * other person still speaks. True: the card has just closed and had the focus.
     */
    render(pause, waits) {
      const now = waits ? null : pause;
      if (now === shown) return false;
      shown = now;
      if (now === null) return close();
      parts.praise.textContent = now.praise;
      parts.quote.textContent = now.quote ? `“${now.quote}”` : "";
      parts.quote.hidden = !now.quote;
      parts.next.textContent = now.next;
      parts.card.hidden = false;
      announce(say("coaching.said", now));
      return false;
    },
  };
}

/** Connects the card of the room's stage `element` (its dataset `data`); the rest as for `createCoaching`. */
export function furnishCoaching({ element, data, ...given }) {
  const parts = Object.fromEntries(["card", "praise", "quote", "next", "go", "chosen"].map((name) => [name, element.querySelector(`[data-coaching-${name}]`)]));
  const choose = async (on) => {
    const answer = await fetch(data.coaching, {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ coaching: on }),
    });
    if (!answer.ok) throw new Error(`coaching answered ${answer.status}`);
  };
  return createCoaching({ parts, root: document, choose, ...given });
}
