// A sentence in the chosen voice, in the scenario's language. A classic script, as the admin's are.
(() => {
  for (const form of document.querySelectorAll("[data-voice-form]")) {
    const select = form.querySelector("select");
    const hear = form.querySelector("[data-hear]");
    const said = form.querySelector("[data-voice-said]");
    const fit = () => { hear.disabled = !select.value; };
    const sound = new Audio();

    async function play() {
      said.textContent = "";
      hear.disabled = true;
      const body = new FormData();
      body.set("voice", select.value);
      body.set("language", document.getElementById("id_language")?.value ?? "en");
      body.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
      try {
        const answer = await fetch(form.dataset.sample, { method: "POST", body });
        if (!answer.ok) {
          said.textContent = (await answer.json().catch(() => ({}))).detail ?? form.dataset.failed;
          return;
        }
        URL.revokeObjectURL(sound.src);
        sound.src = URL.createObjectURL(await answer.blob());
        await sound.play();
      } catch {
        said.textContent = form.dataset.failed;
      } finally {
        fit();
      }
    }

    select.addEventListener("change", fit);
    hear.addEventListener("click", play);
    fit();
  }
})();
