// Importing files: says that they are too large before they are uploaded, and sends them without leaving the page, so that the
// files are still chosen when a check is followed by the import. A classic script, like the admin's own.
(() => {
  function tooLarge(form) {
    const sizes = [...form.querySelectorAll("input[type=file]")].map((input) => input.files[0]?.size ?? 0);
    return sizes.reduce((sum, size) => sum + size, 0) > Number(form.dataset.bytesMax);
  }

  // A browser sends no file that was changed after it was chosen: it is chosen again.
  async function send(form, button) {
    const data = new FormData(form, button);
    try {
      const answer = await fetch(form.action, { method: "POST", body: data });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      return { found: page.querySelector("[data-import-outcome]"), address: answer.url };
    } catch {
      return { found: null, address: "" };
    }
  }

  async function submit(form, button, outcome) {
    const unsent = form.querySelector("[data-unsent]");
    unsent.hidden = true;
    form.setAttribute("aria-busy", "true");
    const { found, address } = await send(form, button);
    form.removeAttribute("aria-busy");
    if (found) {
      outcome.replaceChildren(...found.childNodes);
      outcome.scrollIntoView({ block: "nearest" });
      outcome.focus();
    } else if (address) {
      location.assign(address); // signed out meanwhile
    } else {
      unsent.hidden = false;
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector("form[data-bytes-max]");
    const outcome = document.querySelector("[data-import-outcome]");
    if (!form || !outcome) return;
    const words = form.querySelector("[data-too-large]");
    form.addEventListener("change", () => {
      words.hidden = !tooLarge(form);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      words.hidden = !tooLarge(form);
      if (words.hidden && !form.hasAttribute("aria-busy")) void submit(form, event.submitter, outcome);
    });
  });
})();
