// Says that files are too large before they are uploaded: the server cuts such requests off.
(() => {
  const start = () => {
    const form = document.querySelector("form[data-bytes-max]");
    if (!form) return;
    const words = form.querySelector("[data-too-large]");
    const tooLarge = () => {
      const sizes = [...form.querySelectorAll("input[type=file]")].map((input) => input.files[0]?.size ?? 0);
      return sizes.reduce((sum, size) => sum + size, 0) > Number(form.dataset.bytesMax);
    };
    form.addEventListener("change", () => {
      words.hidden = !tooLarge();
    });
    form.addEventListener("submit", (event) => {
      words.hidden = !tooLarge();
      if (!words.hidden) event.preventDefault();
    });
  };
  document.addEventListener("DOMContentLoaded", start);
})();
