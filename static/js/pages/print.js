// A button that prints the page; its style hides it where there is no script to do so.

export function mount(element, { signal }) {
  element.addEventListener("click", () => window.print(), { signal });
}
