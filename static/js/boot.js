// Brings the page's parts to life: every element with data-module gets the module of that name under this folder.
// A module exports mount(element, { signal }); the signal aborts when htmx takes the element off the page.

const mounted = new Map();

async function mount(element) {
  if (mounted.has(element)) return;
  const life = new AbortController();
  mounted.set(element, life);
  const module = await import(new URL(`./${element.dataset.module}.js`, import.meta.url));
  if (!life.signal.aborted) module.mount(element, { signal: life.signal });
}

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

// The next page tells times as the reader's clock does.
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
if (timeZone) document.cookie = `timezone=${timeZone}; path=/; max-age=31536000; samesite=lax`;

document.addEventListener("htmx:afterSwap", unmountWhatLeft);
document.addEventListener("htmx:historyRestore", unmountWhatLeft);
document.addEventListener("htmx:load", (event) => mountWithin(event.target));

// A whole page that was swapped in starts where a fresh one would: at its top, with the keyboard at its content.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "site") return;
  window.scrollTo(0, 0);
  document.getElementById("main")?.focus({ preventScroll: true });
});

mountWithin(document);
