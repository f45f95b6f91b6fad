// Updates the portrait when the choices beside it change; the server draws it. A classic script, like the admin's own.
document.addEventListener("DOMContentLoaded", () => {
  for (const form of document.querySelectorAll("[data-portrait]")) {
    const picture = form.querySelector("img");
    const none = form.querySelector("[data-portrait-none]");
    form.addEventListener("change", () => {
      const chosen = new URLSearchParams();
      for (const part of form.querySelectorAll("[data-part]")) if (part.value) chosen.set(part.dataset.part, part.value);
      const any = chosen.size > 0;
      picture.hidden = !any;
      none.hidden = any;
      if (any) picture.src = `${form.dataset.lookAt}?${chosen}`;
    });
  }
});
