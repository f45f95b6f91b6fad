// A page that is swapped in needs its own style sheets first: they are fetched beside what the swap waits for anyway.

const WITHIN_MS = 3000;

/** Resolves once the sheets of `place` are there, or did not come in time: a plain page is better than none. */
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
