// Editing the role brief: adding reactions and facts, and counting them so far; brief-rows.js moves and finds them. A classic
// script, like the admin's own; its sentences come from the server, on the element.
(() => {
  const filled = (words, values) => words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const linesOf = (text) => text.split("\n").filter((line) => line.trim());

  // A status that is set again is read out again.
  function say(place, words) {
    if (place.textContent !== words) place.textContent = words;
  }

  function read(row) {
    const field = (name) => row.querySelector(`[name$="-${name}"]`);
    return {
      key: field("key").value.trim(),
      when: field("when").value.trim(),
      heard: linesOf(field("heard").value).length,
      says: linesOf(field("says").value).length,
      locked: Boolean(field("needs_trust").value || field("needs_after").value.trim()),
      losing: Number(field("trust").value) < 0,
      ends: field("ends").checked,
      meets: field("meets").value.match(/\d+/g) ?? [],
      gone: field("DELETE").checked,
    };
  }

  function wanted() {
    const criteria = linesOf(document.getElementById("id_end_criteria")?.value ?? "");
    const fails = /^(it )?fails\b|^失败/i;
    const numbered = criteria.map((line, index) => [line.trim(), String(index + 1)]);
    return numbered.filter(([line]) => !fails.test(line)).map(([, number]) => number);
  }

  function count(brief) {
    const known = [];
    for (const row of brief.querySelectorAll("[data-reaction]")) {
      const one = read(row);
      row.classList.toggle("reaction-gone", one.gone);
      row.querySelector("[data-reaction-name]").textContent = one.key || "…";
      row.querySelector("[data-reaction-when]").textContent = one.when;
      row.querySelector("[data-reaction-count]").textContent = filled(brief.dataset.lines, { number: `${one.heard} → ${one.says}` });
      if (!one.gone && (one.key || one.heard || one.says)) known.push(one);
    }
    countFacts(brief);
    const number = (test) => known.filter(test).length;
    const counts = {
      reactions: known.length,
      locked: number((one) => one.locked),
      losing: number((one) => one.losing),
      ends: number((one) => one.ends),
    };
    say(brief.querySelector("[data-brief-count]"), known.length ? filled(brief.dataset.count, counts) : "");
    const met = new Set(known.flatMap((one) => one.meets));
    const unmet = wanted().filter((each) => !met.has(each));
    const warning = brief.querySelector("[data-brief-unmet]");
    warning.hidden = known.length === 0 || unmet.length === 0;
    warning.textContent = filled(brief.dataset.unmet, { numbers: unmet.join(", ") });
  }

  function countFacts(brief) {
    const facts = [...brief.querySelectorAll("[data-fact]")].filter((row) => {
      const gone = row.querySelector('[name$="-DELETE"]').checked;
      const [asked] = linesOf(row.querySelector('[name$="-asked"]').value);
      row.classList.toggle("reaction-gone", gone);
      row.querySelector("[data-fact-asked]").textContent = asked ?? "…";
      return asked && !gone;
    });
    const late = facts.filter((row) => row.querySelector('[name$="-needs_after"]').value.trim()).length;
    brief.querySelector("[data-brief-facts]").textContent = filled(brief.dataset.facts, { facts: facts.length, late });
  }

  function add(brief, list) {
    const rows = list.querySelector("[data-brief-rows]");
    const blank = list.querySelector("template");
    const used = [...rows.querySelectorAll('[name$="-says"]')].map(({ name }) => Number(name.split("-").at(-2)));
    const holder = document.createElement("div");
    holder.append(blank.content.cloneNode(true));
    for (const part of holder.querySelectorAll("[name], [id], [for]")) {
      for (const attribute of ["name", "id", "for", "aria-describedby"]) {
        if (part.hasAttribute(attribute)) part.setAttribute(attribute, part.getAttribute(attribute).replace("-NEW-", `-${Math.max(-1, ...used) + 1}-`));
      }
    }
    rows.append(...holder.children);
    const added = rows.lastElementChild.querySelector("input, textarea");
    added.focus();
    added.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function start() {
    for (const brief of document.querySelectorAll("[data-brief]")) {
      for (const list of brief.querySelectorAll("[data-brief-list]")) {
        const button = list.querySelector("[data-brief-add]");
        button.hidden = false;
        button.addEventListener("click", () => add(brief, list));
      }
      brief.addEventListener("input", () => count(brief));
      document.getElementById("id_end_criteria")?.addEventListener("input", () => count(brief));
      count(brief);
    }
  }

  document.addEventListener("DOMContentLoaded", start);
})();
