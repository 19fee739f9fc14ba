// What one may write: the notation's functions and signs, and what a JavaScript program finds.

import type { App } from "./app";
import { h } from "./dom";
import type { Language } from "./progress";
import { textOr } from "./titles";

/** A function of the notation as the library tells it: "conv2(a, b, 'valid')". */
export interface NotationFunction {
  sample: string;
  meaning: string;
}

/** What is written, what clicking puts into the editor and how far the cursor goes back, the text that explains it. */
type Entry = [written: string, put: string, back: number, text: string];

const operators: Entry[] = [
  ["a * b", " * ", 0, "product"],
  ["a ∘ b, a .* b", " ∘ ", 0, "elementwise"],
  ["a ./ b, a .^ 2", " ./ ", 0, "quotient"],
  ["a + b, a - b", " - ", 0, "plus"],
  ["a'", "'", 0, "transpose"],
  ["a == b", " == ", 0, "equal"],
  ["δ, delta", "δ", 0, "greek"],
];

const javascript: Entry[] = [
  ["x.shape, x.data", "x.data", 0, "array"],
  ["at(x, i, j)", "at(x, i, j)", 0, "at"],
  ["inside(x, i, j)", "inside(x, i, j)", 0, "inside"],
  ["zeros(r, c)", "zeros()", 1, "zeros"],
  ["set(y, v, i, j)", "set(y, , i, j)", 7, "set"],
  ["add(y, v, i, j)", "add(y, , i, j)", 7, "add"],
  ["return y", "return ", 0, "return"],
];

/** A table of what there is: the left column's buttons put it into the editor. */
export function reference(app: App, language: Language, functions: NotationFunction[], insert: (text: string, back: number) => void): HTMLElement {
  const entries: Entry[] = language === "javascript" ? javascript : operators;
  const rows = entries.map(([written, put, back, text]) => row(app, written, app.text(`check.${language}.${text}`), () => insert(put, back)));
  if (language === "notation")
    rows.unshift(
      ...functions.map(({ sample, meaning }) => {
        const name = sample.split("(")[0]!;
        return row(app, sample, textOr(app, `check.notation.${name}`, meaning), () => insert(...call(name, sample)));
      }),
    );
  return h(
    "details",
    { class: "reference" },
    h("summary", {}, app.text(`check.reference.${language}`)),
    h(
      "table",
      {},
      h("tbody", {}, ...rows),
    ),
  );
}

function row(app: App, written: string, meaning: string, onPick: () => void): HTMLElement {
  const pick = h("button", { type: "button", class: "plain", title: app.text("check.insert"), onclick: onPick }, h("code", {}, written));
  return h("tr", {}, h("td", {}, pick), h("td", {}, meaning));
}

/** The call that a sample shows, without its arrays: the cursor goes to the first of them. */
function call(name: string, sample: string): [text: string, back: number] {
  const text = sample.replace(/\b[abrc]\b(?=[,)])/g, "").replace(/\bn\b/, "2");
  return [text, text.length - name.length - 1];
}

/** Letters and signs that keyboards lack. */
export function signs(app: App, insert: (text: string, back: number) => void): HTMLElement {
  return h(
    "div",
    { class: "signs", role: "group", "aria-label": app.text("check.signs") },
    ...["δ", "β", "α", "∘"].map((sign) =>
      h("button", { type: "button", "aria-label": app.text("check.insertSign", { sign: app.text(`check.sign.${sign}`) }), onclick: () => insert(sign, 0) }, sign),
    ),
  );
}
