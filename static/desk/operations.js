// The operators' page refreshes itself in place: unchanged parts stay the same elements, so that focus, scroll
// position, selection and opened disclosures survive. It stops while the page is hidden or paused.

const KEEP_OPEN = "DETAILS";

export function morph(from, to) {
  if (from.isEqualNode(to)) return;
  if (from.nodeType !== to.nodeType || from.nodeName !== to.nodeName) {
    from.replaceWith(to.cloneNode(true));
    return;
  }
  if (from.nodeType !== Node.ELEMENT_NODE) {
    from.data = to.data;
    return;
  }
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && !(name === "open" && from.nodeName === KEEP_OPEN)) from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) {
    if (name === "open" && from.nodeName === KEEP_OPEN) continue;
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  morphChildren(from, to);
}

const keyOf = (node) => node.dataset?.key ?? node.id ?? "";

function morphChildren(from, to) {
  const wanted = new Set([...to.childNodes].map(keyOf).filter(Boolean));
  let here = from.firstChild;
  for (const next of [...to.childNodes]) {
    const key = keyOf(next);
    // Remove what is gone first, so that what stays need not be moved: a moved element loses the focus.
    while (here && keyOf(here) && !wanted.has(keyOf(here))) here = dropped(here);
    const same = key ? [...from.childNodes].find((node) => keyOf(node) === key) : null;
    if (key && same) {
      while (here && here !== same && !keyOf(here)) here = dropped(here);
      if (here === same) here = here.nextSibling;
      else from.insertBefore(same, here);
      morph(same, next);
    } else if (!key && here && !keyOf(here) && here.nodeName === next.nodeName) {
      const after = here.nextSibling;
      morph(here, next);
      here = after;
    } else {
      from.insertBefore(next.cloneNode(true), here);
    }
  }
  while (here) here = dropped(here);
}

function dropped(node) {
  const after = node.nextSibling;
  node.remove();
  return after;
}

function mount(parts, bar) {
  const pause = bar.querySelector("[data-refresh-pause]");
  const said = bar.querySelector("[data-refresh-said]");
  const isPaused = () => pause.getAttribute("aria-pressed") === "true";
  let busy = false;
  bar.hidden = false;

  async function refresh() {
    if (busy || isPaused() || document.hidden) return;
    busy = true;
    try {
      const answer = await fetch(location.href, { headers: { "HX-Request": "true" }, redirect: "error" });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const fresh = new DOMParser().parseFromString(`<div>${await answer.text()}</div>`, "text/html").body.firstChild;
      if (isPaused()) return;
      const focused = document.activeElement;
      morphChildren(parts, fresh);
      // The focused job is done: move the focus to the nearest place, its list.
      if (focused !== document.body && !focused.isConnected) parts.querySelector("h2").focus({ preventScroll: true });
      said.textContent = "";
    } catch {
      said.textContent = pause.dataset.late;
    } finally {
      busy = false;
    }
  }

  pause.addEventListener("click", () => {
    pause.setAttribute("aria-pressed", String(!isPaused()));
    refresh();
  });
  document.addEventListener("visibilitychange", refresh);
  parts.addEventListener("coach:refresh", refresh);
  setInterval(refresh, Number(parts.dataset.refreshSeconds) * 1000);
}

const parts = document.getElementById("parts");
if (parts) mount(parts, document.querySelector("[data-refresh-bar]"));
