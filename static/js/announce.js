// Announces text to screen readers.

export function announce(text, { assertive = false } = {}) {
  const region = document.getElementById(assertive ? "alert" : "announce");
  if (!region) return;
  // Screen readers skip text that has not changed.
  region.textContent = region.textContent === text ? `${text}\u00a0` : text;
}
