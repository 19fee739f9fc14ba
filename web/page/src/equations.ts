// The equations of a derivation, each beside the formula that people derived by hand.

import type { App } from "./app";
import { asLatex } from "./by_hand";
import { differencesOf } from "./differences";
import { h } from "./dom";
import { formula } from "./formula";
import { layerWords } from "./ops";
import { idLink } from "./papers";
import type { Equation, Formula, Section } from "./protocol";

type OnPlace = (place: number | null) => void;

/** Formulas that look the same in two texts are shown once, with both IDs. */
function grouped(formulas: Formula[]): { by_hand: string; all: Formula[] }[] {
  const groups: { by_hand: string; all: Formula[] }[] = [];
  for (const each of formulas) {
    const group = groups.find(({ by_hand }) => by_hand === each.by_hand);
    if (group) group.all.push(each);
    else groups.push({ by_hand: each.by_hand, all: [each] });
  }
  return groups;
}

export function equationFormula(equation: Equation, onPlace: OnPlace): HTMLElement {
  return formula(`${equation.left} = ${equation.right}`, { display: true, onPlace });
}

/** What differs: in a whole line for the first time, later in a word. */
function note(app: App, key: string, said: Set<string>): HTMLElement {
  const whole = app.text(`derive.differs.${key}`);
  if (said.has(key)) return h("span", { class: "muted small again", title: whole }, app.text("derive.differs-again", { what: app.text(`derive.short.${key}`) }));
  said.add(key);
  return h("p", { class: "muted small note" }, whole);
}

function line(app: App, equation: Equation, changed: boolean, said: Set<string>, onPlace: OnPlace): HTMLElement {
  const notes = differencesOf(equation, equation.formulas);
  return h(
    "li",
    { class: changed ? "line changed" : "line" },
    h("div", { class: "derived" }, changed ? h("span", { class: "unseen" }, app.text("derive.changed")) : null, equationFormula(equation, onPlace)),
    h(
      "div",
      { class: "by-hand" },
      ...grouped(equation.formulas).map(({ by_hand, all }) =>
        h("div", { class: "paper-line" }, h("span", { class: "ids" }, ...all.map((each) => idLink(app, each))), formula(asLatex(by_hand))),
      ),
      equation.formulas.length === 0 ? h("span", { class: "muted small none" }, app.text("derive.none")) : null,
      ...notes.map((key) => note(app, key, said)),
    ),
  );
}

/** Equations layer by layer. Those whose text is not among `before` are marked. `said` has the differences that were explained already. */
export function equationList(app: App, title: string, sections: Section[], before: Set<string> | null, said: Set<string>, onPlace: OnPlace): HTMLElement {
  return h(
    "section",
    { class: "equations" },
    h("h3", {}, title),
    h("div", { class: "heads label", "aria-hidden": "true" }, h("span", {}, app.text("derive.by-xgrad")), h("span", {}, app.text("derive.by-hand"))),
    ...sections.map((section) =>
      h(
        "section",
        { class: "layer" },
        h("h4", {}, layerWords(app, section.layer)),
        h("ol", {}, ...section.equations.map((each) => line(app, each, before !== null && !before.has(each.text), said, onPlace))),
      ),
    ),
  );
}

export function textsOf(sections: Section[]): string[] {
  return sections.flatMap(({ equations }) => equations.map(({ text }) => text));
}
