// Buttons that move a skill up or down; without them the numbers in the first column say the order.
// A classic script, as the admin's are: `gettext` is theirs.
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
    input.after(button(gettext("Move up"), "↑", move(-1)), button(gettext("Move down"), "↓", move(1)));
  }

  function start() {
    const group = document.getElementById("scenarioskill_set-group");
    if (!group) return;
    group.classList.add("can-move");
    rows(group).forEach((row) => equip(group, row));
    document.addEventListener("formset:added", (event) => {
      if (group.contains(event.target)) equip(group, event.target);
    });
    group.closest("form").addEventListener("submit", () => number(group));
  }

  document.addEventListener("DOMContentLoaded", start);
})();
