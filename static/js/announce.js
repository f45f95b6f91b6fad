// Says something to people who listen to the page instead of looking at it.

export function announce(text, { assertive = false } = {}) {
  const region = document.getElementById(assertive ? "alert" : "announce");
  if (!region) return;
  // The same words twice in a row are only spoken again when they change in between.
  region.textContent = region.textContent === text ? `${text}\u00a0` : text;
}
