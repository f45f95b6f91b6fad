import assert from "node:assert/strict";
import { test } from "node:test";

import { showTurn } from "../../static/js/pages/after.js";

function lineWith({ words, note }) {
  const parts = {
    "[data-words]": { textContent: words, hidden: words === "" },
    "[data-note]": { textContent: note, hidden: note === "" },
  };
  const line = { dataset: {}, querySelector: (selector) => parts[selector] };
  return { parts, page: { querySelector: () => line } };
}

for (const transcript of ["", " \n", null]) {
  test(`a line without words keeps its note: ${JSON.stringify(transcript)}`, () => {
    const { parts, page } = lineWith({ words: "", note: "No words were recognised." });
    showTurn(page, { sequence: 1, speaker: "trainee", asrStatus: "completed", transcript });
    assert.equal(parts["[data-note]"].hidden, false);
    assert.equal(parts["[data-words]"].hidden, true);
  });
}

test("words that arrive take the place of the note", () => {
  const { parts, page } = lineWith({ words: "", note: "Transcribing …" });
  showTurn(page, { sequence: 1, speaker: "trainee", asrStatus: "completed", transcript: "I see." });
  assert.equal(parts["[data-words]"].textContent, "I see.");
  assert.equal(parts["[data-note]"].hidden, true);
});
