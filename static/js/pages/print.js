// A button that prints the page; hidden where there is no script to do so.

export function mount(element, { signal }) {
  element.hidden = false;
  element.addEventListener("click", () => window.print(), { signal });
}
