// Buttons that move a skill up or down; without them the numbers in the first column give the order. Also labels what
// select2 shows in place of a field with the field's name. A classic script, like the admin's own; its sentences come
// from the server, on the input.
(() => {
  const rows = (group) =>
    [...group.querySelectorAll("tr.form-row:not(.empty-form)")].filter((row) => row.style.display !== "none");

  const position = (row) => row.querySelector("input[name$='-position']");
  const chosen = (row) => row.querySelector("select[name$='-skill']")?.value;

  function number(group) {
    rows(group).forEach((row, index) => {
      const input = position(row);
      if (input) input.value = chosen(row) ? index + 1 : 0;
    });
  }

  function button(words, sign, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "move";
    made.title = words;
    made.setAttribute("aria-label", words);
    made.textContent = sign;
    made.addEventListener("click", act);
    return made;
  }

  function equip(group, row) {
    const input = position(row);
    if (!input || row.querySelector(".move")) return;
    const move = (step) => () => {
      const all = rows(group);
      const other = all[all.indexOf(row) + step];
      if (!other) return;
      other[step < 0 ? "before" : "after"](row);
      number(group);
      row.querySelector(step < 0 ? ".move" : ".move + .move").focus();
    };
    input.after(button(input.dataset.up, "↑", move(-1)), button(input.dataset.down, "↓", move(1)));
  }

  function nameChoice(row) {
    const select = row.querySelector("select[name$='-skill']");
    const shown = select?.parentElement.querySelectorAll(".select2-selection, .select2-selection__rendered") ?? [];
    for (const part of shown) {
      const value = part.textContent.replace("×", "").trim();
      part.removeAttribute("aria-labelledby");
      part.setAttribute("aria-label", [select.getAttribute("aria-label"), value].filter(Boolean).join(": "));
    }
  }

  function start() {
    const group = document.getElementById("scenarioskill_set-group");
    if (!group) return;
    group.classList.add("can-move");
    rows(group).forEach((row) => equip(group, row));
    document.addEventListener("formset:added", (event) => {
      if (!group.contains(event.target)) return;
      equip(group, event.target);
      queueMicrotask(() => nameChoice(event.target));
    });
    django.jQuery(() => rows(group).forEach(nameChoice)); // select2 is set up by then
    django.jQuery(group).on("change", "select[name$='-skill']", (event) => nameChoice(event.target.closest("tr")));
    group.closest("form").addEventListener("submit", () => number(group));
  }

  document.addEventListener("DOMContentLoaded", start);
})();
