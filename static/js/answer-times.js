// Shows in the script how soon each answer came: off until switched on, then remembered in this browser.

import { allowed } from "./browser-feature.js";

const KEY = "answer-times";

export function mount(element, { signal }) {
  const box = element.querySelector("input");
  const storage = allowed("localStorage");
  box.checked = remembered(storage);
  element.hidden = false;
  box.addEventListener(
    "change",
    () => {
      try {
        storage.setItem(KEY, box.checked ? "shown" : "");
      } catch {
        // full or forbidden: it lasts as long as the page
      }
    },
    { signal },
  );
}

function remembered(storage) {
  try {
    return storage.getItem(KEY) === "shown";
  } catch {
    return false;
  }
}
