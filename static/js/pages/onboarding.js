// The first steps, one at a time, on the first visit; a cookie tells the server when they are done. Without this script
// all three are shown below each other.

const A_YEAR_SECONDS = 31_536_000;

export function mount(element, { signal }) {
  const $ = (name) => element.querySelector(`[data-${name}]`);
  const steps = [...element.querySelectorAll("[data-step]")];
  const place = $("place");
  const words = place.textContent;
  let at = 0;

  function show(number, { focus = true } = {}) {
    at = number;
    steps.forEach((step, index) => (step.hidden = index !== at));
    place.textContent = words.replace("{number}", at + 1);
    $("back").hidden = at === 0;
    $("next").hidden = at === steps.length - 1;
    $("done").hidden = at !== steps.length - 1;
    if (at === steps.length - 1) showMicrophone();
    if (focus) steps[at].querySelector("h3").focus();
  }

  async function showMicrophone() {
    const blank = $("microphone");
    if (!blank) return;
    const check = blank.content.firstElementChild.cloneNode(true);
    delete check.dataset.module;
    blank.replaceWith(check);
    const { mount: mountCheck } = await import("./microphone.js");
    if (!signal.aborted) mountCheck(check, { signal });
  }

  function finish() {
    document.cookie = `onboarded=1; path=/; max-age=${A_YEAR_SECONDS}; samesite=lax`;
    element.dispatchEvent(new Event("onboarding:over"));
    element.hidden = true;
    document.getElementById("main").focus({ preventScroll: true });
  }

  $("back").addEventListener("click", () => show(at - 1), { signal });
  $("next").addEventListener("click", () => show(at + 1), { signal });
  $("done").addEventListener("click", finish, { signal });
  $("skip").addEventListener("click", finish, { signal });
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape") finish();
  }, { signal });

  show(0, { focus: false });
  element.dataset.ready = "";
}
