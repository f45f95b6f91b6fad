// A button that prints the page; its style sheet hides it if scripts are off.

export function mount(element, { signal }) {
  element.addEventListener("click", () => window.print(), { signal });
}
