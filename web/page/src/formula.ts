// Formulas as KaTeX shows them.

import katex from "katex";
import "./formula.css";

/** Hides everything from screen readers but the names that can be reached: MathML beside it says the whole formula. */
function hideAllBut(names: Set<Element>, element: Element): boolean {
  if (names.has(element)) return true;
  let holds = false;
  for (const child of element.children) if (hideAllBut(names, child)) holds = true;
  if (holds)
    for (const child of element.children)
      if (!names.has(child) && !child.querySelector("[data-place]")) child.setAttribute("aria-hidden", "true");
  return holds;
}

function placeOf(target: EventTarget | null): number | null {
  const name = target instanceof Element ? target.closest("[data-place]") : null;
  return name === null ? null : Number(name.getAttribute("data-place"));
}

/** An element with a formula. Pointing at (or tabbing to) a name in it calls onPlace with the value's place, and null when it leaves.
 *  Names of places in `lit` are shown as lit: see `light`. */
export function formula(
  latex: string,
  options: { display?: boolean; onPlace?: (place: number | null) => void } = {},
): HTMLElement {
  const display = options.display ?? false;
  const element = document.createElement(display ? "div" : "span");
  element.className = display ? "formula display" : "formula";
  try {
    katex.render(latex, element, {
      displayMode: display,
      throwOnError: true,
      strict: false,
      trust: (context) => context.command === "\\htmlData",
    });
  } catch {
    element.classList.add("unreadable");
    element.textContent = latex;
    return element;
  }
  const { onPlace } = options;
  if (onPlace === undefined) return element;

  const names = new Set<Element>(element.querySelectorAll("[data-place]"));
  const drawn = element.querySelector(".katex-html");
  if (names.size === 0 || drawn === null) return element;
  drawn.removeAttribute("aria-hidden");
  hideAllBut(names, drawn);
  for (const name of names) {
    name.setAttribute("tabindex", "0");
    name.setAttribute("role", "button");
  }

  let shown: number | null = null;
  const show = (place: number | null) => {
    if (place === shown) return;
    shown = place;
    onPlace(place);
  };
  element.addEventListener("pointerover", (event) => show(placeOf(event.target)));
  element.addEventListener("pointerleave", () => show(placeOf(element.querySelector(":focus"))));
  element.addEventListener("focusin", (event) => show(placeOf(event.target)));
  element.addEventListener("focusout", () => show(null));
  return element;
}

/** Lights up every name of the place in all formulas under an element; null: none. */
export function light(root: HTMLElement, place: number | null): void {
  for (const name of root.querySelectorAll(".lit[data-place]")) name.classList.remove("lit");
  if (place === null) return;
  for (const name of root.querySelectorAll(`[data-place="${place}"]`)) name.classList.add("lit");
}
