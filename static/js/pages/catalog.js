// The catalog: tells listeners how many scenarios are left, keeps the skill filters open while they are in use, and
// keeps the search field in step with the address.

import { announce } from "../announce.js";

// On phones the chips scroll sideways: scroll the chosen one into view.
function showChosen(element) {
  for (const chip of element.querySelectorAll(".chip[aria-current]")) {
    const strip = chip.closest(".chips");
    strip.scrollLeft = chip.offsetLeft - (strip.clientWidth - chip.offsetWidth) / 2;
  }
}

export function mount(element, { signal }) {
  const search = element.querySelector("#search");
  let skillsOpen = element.querySelector("#facet-skills")?.open ?? false;
  showChosen(element);

  element.addEventListener("htmx:beforeSwap", () => {
    skillsOpen = element.querySelector("#facet-skills")?.open ?? false;
  }, { signal });

  element.addEventListener("htmx:afterSwap", () => {
    const skills = element.querySelector("#facet-skills");
    if (skills && skillsOpen) skills.open = true;
    const asked = new URL(location.href).searchParams.get("search") ?? "";
    if (document.activeElement !== search && search.value !== asked) search.value = asked;
    showChosen(element);
    announce(element.querySelector("#catalog-count")?.textContent ?? "");
  }, { signal });
}
