// Finds words in the script: marks every place, counts them, and Enter goes to the next one.

import { announce } from "./announce.js";

/**
 * Text as a reader looks for it: case, accents and width do not count. Letter i comes from characters `from[i]` to
 * `to[i]`.
 */
export function folded(text) {
  let letters = "";
  const from = [];
  const to = [];
  let at = 0;
  for (const character of text) {
    for (const letter of character.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()) {
      letters += letter;
      for (let unit = 0; unit < letter.length; unit += 1) {
        from.push(at);
        to.push(at + character.length); // half a ligature matches all of it
      }
    }
    at += character.length;
  }
  return { letters, from, to };
}

/** Where `asked` occurs in `text`: `[start, end]` of each place, in order, not overlapping. */
export function places(text, asked) {
  const { letters, from, to } = folded(text);
  const wanted = folded(asked.trim()).letters;
  const found = [];
  if (wanted === "") return found;
  for (let at = letters.indexOf(wanted); at >= 0; at = letters.indexOf(wanted, at + wanted.length)) {
    found.push([from[at], to[at + wanted.length - 1]]);
  }
  return found;
}

export function mount(element, { signal }) {
  const field = element.querySelector("input");
  const count = element.querySelector("output");
  const { none, count: counted } = element.dataset;
  let found = [];
  let place = -1;

  function search() {
    found = [...document.querySelectorAll("[data-lines] .line-words [data-words]")].flatMap((words) =>
      places(words.textContent, field.value).map(([start, end]) => rangeOf(words, start, end)),
    );
    place = -1;
    paint(found);
    if (found.length > 0) go(1);
    else count.textContent = field.value.trim() ? none : "";
  }

  function go(step) {
    if (found.length === 0) return;
    place = (place + step + found.length) % found.length;
    paint(found, found[place]);
    const line = found[place].startContainer.parentElement.closest("[data-line]");
    line?.scrollIntoView({ block: "center" });
    count.textContent = counted.replace("{place}", place + 1).replace("{all}", found.length);
  }

  const listen = (type, handler) => field.addEventListener(type, handler, { signal });
  listen("input", search);
  listen("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    go(event.shiftKey ? -1 : 1);
    announce(count.textContent);
  });
  signal.addEventListener("abort", () => paint([]));
  element.hidden = false;
}

/** The characters `start` to `end` of an element's text, which may span several nodes. */
function rangeOf(element, start, end) {
  const range = document.createRange();
  const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let before = 0;
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const after = before + node.length;
    if (start >= before && start < after) range.setStart(node, start - before);
    if (end > before && end <= after) range.setEnd(node, end - before);
    before = after;
  }
  return range;
}

/** A browser without highlights still counts and scrolls. */
function paint(ranges, current) {
  const highlights = globalThis.CSS?.highlights;
  if (!highlights) return;
  highlights.set("found", new Highlight(...ranges.filter((range) => range !== current)));
  highlights.set("found-now", new Highlight(...(current ? [current] : [])));
}
