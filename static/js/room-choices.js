// How the trainee wants to hear and see the other person: captions, slower speech. Remembered in this browser.

const KEY = "room-choices";
const USUAL = { captions: true, slower: false };

/** `element` holds one checkbox per choice, by name. `storage` is localStorage or undefined. `on.changed(choices)` on every change. */
export function createChoices({ element, storage, on, signal }) {
  let choices = { ...USUAL, ...remembered(storage) };
  const boxes = [...element.querySelectorAll("input[type=checkbox][name]")];
  for (const box of boxes) box.checked = choices[box.name];

  element.addEventListener(
    "change",
    () => {
      choices = Object.fromEntries(boxes.map((box) => [box.name, box.checked]));
      try {
        storage.setItem(KEY, JSON.stringify(choices));
      } catch {
        // full or forbidden: it lasts as long as the page
      }
      on.changed(choices);
    },
    { signal },
  );
  return { current: () => choices };
}

function remembered(storage) {
  try {
    const { captions, slower } = JSON.parse(storage.getItem(KEY));
    return { captions: captions !== false, slower: slower === true };
  } catch {
    return {};
  }
}
