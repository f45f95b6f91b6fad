// The catalog: tells listeners how many scenarios are left, keeps the skill filters open while they are in use, and
// keeps the search field in step with the address.

import { announce } from "../announce.js";

// On phones the chips scroll sideways.
function show(element, which) {
  for (const chip of element.querySelectorAll(".chip" + which)) {
    const strip = chip.closest(".chips");
    strip.scrollLeft = chip.offsetLeft - (strip.clientWidth - chip.offsetWidth) / 2;
  }
}

export function mount(element, { signal }) {
  const search = element.querySelector("#search");
  let skillsOpen = element.querySelector("#facet-skills")?.open ?? false;
  show(element, "[aria-current]");

  // Browsers leave a chip that is partly in view where it is. Not for a press: it would end on another chip.
  element.addEventListener("focusin", () => show(element, ":focus-visible"), { signal });

  element.addEventListener("htmx:beforeSwap", () => {
    skillsOpen = element.querySelector("#facet-skills")?.open ?? false;
  }, { signal });

  element.addEventListener("htmx:afterSwap", () => {
    const skills = element.querySelector("#facet-skills");
    if (skills && skillsOpen) skills.open = true;
    const asked = new URL(location.href).searchParams.get("search") ?? "";
    if (document.activeElement !== search && search.value !== asked) search.value = asked;
    show(element, "[aria-current]");
    announce(element.querySelector("#catalog-count")?.textContent ?? "");
  }, { signal });
}
