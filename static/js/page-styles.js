// Loads the style sheets of a page before it is swapped in, while the swap waits for the page itself.

const WITHIN_MS = 3000;

/** Resolves once the sheets of `place` have loaded, or the deadline has passed: an unstyled page is better than none. */
export async function stylesOf(place, { document = globalThis.document, withinMs = WITHIN_MS } = {}) {
  const addresses = document?.querySelector(`meta[name="styles-${place}"]`)?.content.split(" ") ?? [];
  if (addresses.length === 0) return;
  const there = new Set([...document.querySelectorAll('link[rel="stylesheet"]')].map((each) => each.getAttribute("href")));
  const missing = addresses.filter((address) => address && !there.has(address));
  const loaded = missing.map((address) => new Promise((resolve) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = address;
    link.onload = link.onerror = resolve;
    document.head.append(link);
  }));
  await Promise.race([Promise.all(loaded), new Promise((resolve) => setTimeout(resolve, withinMs))]);
}
