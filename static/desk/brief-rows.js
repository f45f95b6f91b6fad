// The rows of a role brief, its reactions or its facts: moves one up or down, and shows only those that contain certain words.
// Their order is that of the numbers in their fields' names. A classic script, like the admin's own; its sentences come from
// the server, on the element.
(() => {
  const FEWEST_TO_SEARCH = 8;
  const ATTRIBUTES = ["name", "id", "for", "aria-describedby"];
  const filled = (words, values) => words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

  const prefix = (row) => row.querySelector('[name$="-says"]').name.slice(0, -"says".length);

  function number(rows) {
    [...rows.children].forEach((row, place) => {
      const before = prefix(row);
      const after = before.replace(/\d+-$/, `${place}-`);
      if (before === after) return;
      for (const part of row.querySelectorAll(ATTRIBUTES.map((each) => `[${each}]`).join())) {
        for (const each of ATTRIBUTES) {
          const value = part.getAttribute(each);
          if (value?.startsWith(before)) part.setAttribute(each, after + value.slice(before.length));
        }
      }
    });
  }

  // What a button does, to which row, and where that stands: read out each time the row has moved.
  function nameMoves(brief, rows) {
    const all = [...rows.children];
    all.forEach((row, place) => {
      const name = row.querySelector("summary > :first-child").textContent;
      for (const button of row.querySelectorAll("[data-move]")) {
        const words = button.dataset.move < 0 ? brief.dataset.up : brief.dataset.down;
        const last = button.dataset.move < 0 ? 0 : all.length - 1;
        button.title = words;
        button.setAttribute("aria-label", `${words}: ${name}, ${place + 1}/${all.length}`);
        button.setAttribute("aria-disabled", place === last);
      }
      row.querySelector(".brief-moves").hidden = all.length < 2;
    });
  }

  function move(rows, button) {
    const row = button.closest(".brief-row");
    const other = button.dataset.move < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    other[button.dataset.move < 0 ? "before" : "after"](row);
    number(rows);
    row.dispatchEvent(new Event("input", { bubbles: true })); // counted and named again, and asked about before the page is left
    button.focus();
  }

  const textOf = (row) => [...row.querySelectorAll("input:not([type=checkbox]), textarea")].map((field) => field.value).join("\n").toLowerCase();

  function find(brief, list, search) {
    const rows = [...list.querySelector("[data-brief-rows]").children];
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = textOf(row);
      row.hidden = !words.every((word) => text.includes(word));
    }
    list.toggleAttribute("data-searched", words.length > 0);
    const shown = rows.filter((row) => !row.hidden).length;
    const status = list.querySelector("[data-brief-search] [role=status]");
    status.textContent = words.length ? filled(brief.dataset.found, { shown, all: rows.length }) : "";
  }

  function equip(brief, list) {
    const rows = list.querySelector("[data-brief-rows]");
    const search = list.querySelector("[data-brief-search] input");
    search.closest("[data-brief-search]").hidden = rows.children.length < FEWEST_TO_SEARCH;
    search.addEventListener("input", (event) => {
      event.stopPropagation(); // it is no part of the form
      find(brief, list, search);
    });
    search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault(); // it would save the form
    });
    rows.addEventListener("click", (event) => {
      const button = event.target.closest("[data-move]");
      if (button) move(rows, button);
    });
    brief.addEventListener("input", () => nameMoves(brief, rows));
    nameMoves(brief, rows);
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const brief of document.querySelectorAll("[data-brief]")) {
      for (const list of brief.querySelectorAll("[data-brief-list]")) equip(brief, list);
    }
  });
})();
