// Elements of the page, made by functions.

export type Attributes = Record<string, string | number | boolean | EventListener | null>;
export type Child = Node | string | null;

function dress(element: Element, attributes: Attributes, children: Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.replace(/^on/, ""), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child !== null) element.append(child);
}

/** An element. An attribute that is null or false is left out, true sets "", and "onclick" takes a function. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  dress(element, attributes, children);
  return element;
}

export function svg(tag: string, attributes: Attributes = {}, ...children: Child[]): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  dress(element, attributes, children);
  return element;
}

export function clear<E extends Element>(element: E): E {
  element.replaceChildren();
  return element;
}

let names = 0;

/** A name that no other element has. */
export function uniqueId(prefix = "e"): string {
  return `${prefix}-${++names}`;
}

/** One of several values: buttons side by side if they are at most four, else a list that opens. */
export function choice(options: {
  label: string;
  values: [value: string, label: string][];
  value: string;
  onChange: (value: string) => void;
}): HTMLElement {
  if (options.values.length > 4) {
    const select = h(
      "select",
      { onchange: () => options.onChange(select.value) },
      ...options.values.map(([value, label]) => h("option", { value, selected: value === options.value }, label)),
    );
    return h("label", { class: "field" }, h("span", { class: "label" }, options.label), select);
  }
  const name = uniqueId("choice");
  return h(
    "fieldset",
    { class: "choice" },
    h("legend", { class: "label" }, options.label),
    h(
      "span",
      { class: "segments" },
      ...options.values.map(([value, label]) =>
        h(
          "label",
          {},
          h("input", {
            type: "radio",
            name,
            value,
            checked: value === options.value,
            onchange: () => options.onChange(value),
          }),
          h("span", {}, label),
        ),
      ),
    ),
  );
}

export function button(label: string, onClick: () => void, attributes: Attributes = {}): HTMLButtonElement {
  return h("button", { type: "button", onclick: onClick, ...attributes }, label);
}

export function slider(options: {
  label: string;
  min: number;
  max: number;
  step: number | "any";
  value: number;
  format?: (value: number) => string;
  onInput: (value: number) => void;
}): HTMLElement {
  const format = options.format ?? String;
  const output = h("output", {}, format(options.value));
  const input = h("input", {
    type: "range",
    min: options.min,
    max: options.max,
    step: options.step,
    value: options.value,
    "aria-valuetext": format(options.value),
    oninput: () => {
      const value = Number(input.value);
      output.textContent = format(value);
      input.setAttribute("aria-valuetext", format(value));
      options.onInput(value);
    },
  });
  return h("label", { class: "field slider" }, h("span", { class: "label" }, options.label), input, output);
}

const waiting = new WeakMap<Element, number>();

/** Shows that an element waits for something. */
export async function busy<T>(element: Element, promise: Promise<T>): Promise<T> {
  waiting.set(element, (waiting.get(element) ?? 0) + 1);
  element.setAttribute("aria-busy", "true");
  try {
    return await promise;
  } finally {
    const left = (waiting.get(element) ?? 1) - 1;
    waiting.set(element, left);
    if (left === 0) element.removeAttribute("aria-busy");
  }
}

/** A number in as few characters as its four digits need, with a minus sign. */
export function number(value: number, digits = 4): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const short =
    size !== 0 && (size < 1e-3 || size >= 1e5)
      ? value.toExponential(Math.max(0, digits - 2))
      : String(Number(value.toPrecision(digits)));
  return short.replace(/-/g, "−").replace("e+", "e");
}
