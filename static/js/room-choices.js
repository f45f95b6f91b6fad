// How the trainee wants to talk: captions, slower speech, hands-free and its patience. Remembered in this browser.

const KEY = "room-choices";
const USUAL = { captions: true, slower: false, handsFree: false, patience: "normal" };
const PATIENCE = ["short", "normal", "long"];

/**
 * `element` holds a checkbox or radio buttons per choice, by name; `set(name, value)` is for a choice made
 * elsewhere. `storage` is localStorage or undefined. `on.changed(choices)` on every change.
 */
export function createChoices({ element, storage, on, signal }) {
  let choices = { ...USUAL, ...remembered(storage) };
  const boxes = [...element.querySelectorAll("input[type=checkbox][name]")];
  const radios = [...element.querySelectorAll("input[type=radio][name]")];
  for (const box of boxes) box.checked = choices[box.name];
  for (const radio of radios) radio.checked = choices[radio.name] === radio.value;

  function set(name, value) {
    choices = { ...choices, [name]: value };
    try {
      storage.setItem(KEY, JSON.stringify(choices));
    } catch {
      // full or forbidden: it lasts as long as the page
    }
  }

  element.addEventListener(
    "change",
    () => {
      for (const box of boxes) set(box.name, box.checked);
      for (const radio of radios) if (radio.checked) set(radio.name, radio.value);
      on.changed(choices);
    },
    { signal },
  );
  return { current: () => choices, set };
}

function remembered(storage) {
  try {
    const { captions, slower, handsFree, patience } = JSON.parse(storage.getItem(KEY));
    return {
      captions: captions !== false,
      slower: slower === true,
      handsFree: handsFree === true,
      patience: PATIENCE.includes(patience) ? patience : USUAL.patience,
    };
  } catch {
    return {};
  }
}
