// Brings the page's parts to life: every element with data-module gets the module of that name under this folder. A
// module exports mount(element, { signal }); the signal aborts when htmx takes the element off the page. A button
// pressed before its module has loaded is pressed again once it has. If a module cannot be loaded, the page says so
// (data-broken, base.html).

const { dataset } = document.documentElement;
const mounted = new Map();
const ready = new WeakSet();
const pressed = new Map(); // by element with a module: the last button pressed before it was ready

async function mount(element) {
  if (mounted.has(element)) return;
  const life = new AbortController();
  mounted.set(element, life);
  try {
    const module = await import(new URL(`./${element.dataset.module}.js`, import.meta.url));
    if (!life.signal.aborted) module.mount(element, { signal: life.signal });
  } catch (error) {
    dataset.broken = "";
    console.error(error);
    return;
  }
  ready.add(element);
  performance.mark(`mounted ${element.dataset.module}`);
  const button = pressed.get(element);
  pressed.delete(element);
  if (button?.isConnected) button.click();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button[type=button]:not([popovertarget])");
  const owner = button?.closest("[data-module]");
  if (!owner || ready.has(owner)) return;
  event.stopImmediatePropagation();
  pressed.set(owner, button);
}, { capture: true });

// A double click sends a form once.
const SENT_MS = 1000;
const sent = new WeakMap();
document.addEventListener("submit", (event) => {
  const { target: form, timeStamp: now } = event;
  if (event.defaultPrevented || form.method !== "post") return;
  if (now - sent.get(form) < SENT_MS) event.preventDefault();
  else sent.set(form, now);
});

function mountWithin(root) {
  if (root.matches?.("[data-module]")) mount(root);
  for (const element of root.querySelectorAll("[data-module]")) mount(element);
}

function unmountWhatLeft() {
  for (const [element, life] of mounted) {
    if (element.isConnected) continue;
    mounted.delete(element);
    life.abort();
  }
}

// The next page shows times in the reader's time zone.
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
if (timeZone) document.cookie = `timezone=${timeZone}; path=/; max-age=31536000; samesite=lax`;

document.addEventListener("htmx:afterSwap", unmountWhatLeft);
document.addEventListener("htmx:historyRestore", unmountWhatLeft);
document.addEventListener("htmx:load", (event) => mountWithin(event.target));

// A request of htmx without an answer: the page says so until the next one has an answer.
for (const type of ["htmx:sendError", "htmx:responseError"]) document.addEventListener(type, () => (dataset.unanswered = ""));
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful) delete dataset.unanswered;
});

// A whole page that was swapped in starts where a fresh one would: at its top, with the keyboard at its content.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "site") return;
  window.scrollTo(0, 0);
  document.getElementById("main")?.focus({ preventScroll: true });
});

mountWithin(document);
dataset.booted = "";
