// A guide through a long form: what is missing in each of its parts, a link to each problem, and a question before
// unsaved text is left behind. A classic script, like the admin's own; its sentences come from the server.
(() => {
  const filled = (words, values) => words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

  // A field by its id, or the rows of an inline by its prefix: those need one choice among them.
  function isEmpty(id) {
    const field = document.getElementById(id);
    if (field) return !field.value.trim();
    const rows = document.getElementById(`${id}-group`);
    if (!rows) return false;
    return ![...rows.querySelectorAll("tr.form-row:not(.empty-form)")].some(
      (row) => row.querySelector("select")?.value && !row.querySelector("input[name$='-DELETE']")?.checked,
    );
  }

  function countMissing(outline) {
    for (const words of outline.querySelectorAll("[data-needs]")) {
      const number = words.dataset.needs.split(" ").filter((id) => id && isEmpty(id)).length;
      words.textContent = number ? ` ${filled(outline.dataset.lacks, { number })}` : "";
    }
  }

  const FIELD = "input:not([type=hidden]), select, textarea, summary, button";

  // The field that a list of problems is about: the next one after it, else the first one of its row.
  function fieldOf(list) {
    const rows = list.closest(".inline-group");
    if (rows) return rows.querySelector(".select2-selection, select");
    for (let next = list.nextElementSibling; next; next = next.nextElementSibling) {
      const field = next.matches(FIELD) ? next : next.querySelector(FIELD);
      if (field) return field;
    }
    return list.closest(".form-row, fieldset")?.querySelector(FIELD);
  }

  function nameOf(field) {
    const row = field.closest(".reaction")?.querySelector("summary > :first-child")?.textContent.trim();
    const parts = [...(field.labels?.[0]?.childNodes ?? [])].filter((part) => !part.classList?.contains("needed"));
    const label = parts.map((part) => part.textContent).join("").trim().replace(/[:：]$/, "") || field.getAttribute("aria-label") || "";
    return [row, label].filter(Boolean).join(" · ");
  }

  function listProblems(form, note) {
    const list = document.createElement("ul");
    list.className = "problems";
    for (const said of form.querySelectorAll(".errorlist:not(.nonfield)")) {
      const isSummary = said.parentElement.querySelectorAll(".errorlist").length > 1; // each has a list of its own
      const field = isSummary ? null : fieldOf(said);
      if (!field) continue;
      field.id ||= `problem-${list.children.length}`;
      const link = document.createElement("a");
      link.href = `#${field.id}`;
      link.textContent = nameOf(field) || note.textContent.trim();
      link.addEventListener("click", (event) => {
        event.preventDefault();
        for (let box = field.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
        field.focus();
        said.scrollIntoView({ block: "center" });
      });
      const item = document.createElement("li");
      item.append(link, ` ${said.textContent.trim()}`);
      list.append(item);
    }
    if (list.children.length) note.after(list);
  }

  function askBeforeLeaving(form) {
    let changed = Boolean(form.querySelector(".errorlist"));
    let sent = false;
    form.addEventListener("input", () => (changed = true));
    django.jQuery(form).on("change", "select", () => (changed = true)); // select2 tells jQuery only
    form.addEventListener("submit", () => (sent = true));
    window.addEventListener("beforeunload", (event) => {
      if (changed && !sent) event.preventDefault();
    });
  }

  function start() {
    const outline = document.querySelector("[data-outline]");
    const form = outline?.closest("form");
    if (!form) return;
    const count = () => countMissing(outline);
    count();
    form.addEventListener("input", count);
    django.jQuery(form).on("change", "select", count);
    const note = form.querySelector(".errornote");
    if (note) listProblems(form, note);
    askBeforeLeaving(form);
  }

  document.addEventListener("DOMContentLoaded", start);
})();
