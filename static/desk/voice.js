// Plays a sentence in the chosen voice, in the scenario's language. A classic script, like the admin's own.
document.addEventListener("DOMContentLoaded", () => {
  for (const form of document.querySelectorAll("[data-voice-form]")) {
    const select = form.querySelector("select");
    const hear = form.querySelector("[data-hear]");
    const said = form.querySelector("[data-voice-said]");
    const kept = new Map(); // voice and language → the address of its sound
    const sound = new Audio();

    // Nothing is asked of a disabled button by keyboard: it keeps the focus and says that it is busy.
    const fit = () => { hear.disabled = !select.value && !form.dataset.scenario; };

    async function spoken() {
      const body = new FormData();
      body.set("voice", select.value);
      body.set("scenario", form.dataset.scenario);
      body.set("language", document.getElementById("id_language")?.value ?? "en");
      const key = `${body.get("voice")} ${body.get("language")}`;
      if (!kept.has(key)) {
        body.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
        const answer = await fetch(form.dataset.sample, { method: "POST", body });
        if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).detail ?? form.dataset.failed);
        kept.set(key, URL.createObjectURL(await answer.blob()));
      }
      return kept.get(key);
    }

    async function play() {
      if (hear.getAttribute("aria-busy") === "true") return;
      hear.setAttribute("aria-busy", "true");
      said.textContent = form.dataset.making;
      try {
        sound.src = await spoken();
        await sound.play();
        said.textContent = "";
      } catch (fault) {
        said.textContent = fault.name === "Error" ? fault.message : form.dataset.failed;
      } finally {
        hear.removeAttribute("aria-busy");
      }
    }

    select.addEventListener("change", fit);
    hear.addEventListener("click", play);
    fit();
  }
});
