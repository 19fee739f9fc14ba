// The derivation, live: the equations of a network and of its gradients, beside the formulas that people derived by hand.

import type { App, MakeView } from "./app";
import { button, busy, choice, clear, h } from "./dom";
import { equationList, textsOf } from "./equations";
import { formula, light } from "./formula";
import { flagsOf, labelOf, optionFields, packed, unpacked } from "./model_options";
import { once } from "./once";
import { placePanel } from "./place_panel";
import type { Choices, Derivation, Model, Requests } from "./protocol";
import { namesOf, type Named } from "./symbols";
import "./derive.css";

/** The whole derivation in LaTeX, for a document of one's own. */
function latexOf(derivation: Derivation): string {
  const plain = (latex: string) => latex.replace(/\\htmlData\{place=\d+\}/g, "");
  const lines = (equations: { left: string; right: string; formulas?: { id: string }[] }[]) =>
    equations
      .map(({ left, right, formulas = [] }) => {
        const ids = [...new Set(formulas.map(({ id }) => id))].join(", ");
        return `${plain(left)} &= ${plain(right)}${ids === "" ? "" : ` \\tag*{[${ids}]}`}`;
      })
      .join(" \\\\\n");
  const parts = [derivation.functions, ...[...derivation.forward, ...derivation.backward].map(({ equations }) => equations)];
  return parts.filter((equations) => equations.length > 0).map((equations) => `\\begin{align*}\n${lines(equations)}\n\\end{align*}\n`).join("\n");
}

async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h("textarea", { class: "unseen" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy"); // for pages from a file
    area.remove();
    return done;
  }
}

function copyButton(app: App, label: string, text: () => string): HTMLElement {
  return button(label, () => void copied(text()).then((done) => app.say(app.text(done ? "derive.copied" : "derive.not-copied"), done ? "info" : "error")));
}

/** "x ⋆ w" means …: English comes with the library, other languages have their own words. */
function signList(app: App, derivation: Derivation): HTMLElement {
  const key = (meaning: string) => `derive.meaning.${(meaning.toLowerCase().match(/[a-z0-9]+/g) ?? []).slice(0, 6).join("-")}`;
  return h(
    "dl",
    { class: "signs" },
    ...derivation.functions.map(({ left, right }) => h("div", {}, h("dt", {}, formula(left)), h("dd", {}, formula(`= ${right}`)))),
    ...derivation.signs.map(({ latex, meaning }) => h("div", {}, h("dt", {}, formula(latex)), h("dd", {}, labelOf(app, key(meaning), meaning)))),
  );
}

export const makeDeriveView: MakeView = (app) => {
  const fields = h("div", { class: "row bottom fields" });
  const problem = h("p", { class: "bad", role: "alert", hidden: true });
  const equations = h("div", { class: "all-equations" });
  const panel = placePanel(app);
  const notation = h("div", {});
  const command = h("code", {});
  let current: { model: Model; choices: Choices } | null = null;
  let derivation: Derivation | null = null;
  let names = new Map<number, Named>();
  let models: Model[] = [];
  let asked = 0;

  const copies = h(
    "div",
    { class: "row" },
    copyButton(app, app.text("derive.copy-latex"), () => (derivation === null ? "" : latexOf(derivation))),
    copyButton(app, app.text("derive.copy-text"), () => derivation?.text ?? ""),
  );
  const shell = h("div", { class: "shell" }, h("span", { class: "label" }, app.text("derive.shell")), h("span", { class: "command" }, command, copyButton(app, app.text("derive.copy"), () => command.textContent ?? "")));

  const element = h(
    "section",
    { class: "view derive", "aria-label": app.text("derive.title") },
    h("h2", {}, app.text("derive.title")),
    h("p", { class: "lead" }, app.text("derive.lead")),
    h("div", { class: "panel choices" }, fields, problem),
    h("div", { class: "row between" }, shell, copies),
    h("div", { class: "body" }, h("div", { class: "main" }, equations, h("section", { class: "notation" }, h("h3", {}, app.text("derive.signs")), notation)), panel.element),
  );

  const onPlace = (place: number | null) => {
    light(equations, place);
    const named = place === null ? undefined : names.get(place);
    if (named !== undefined) panel.show(named);
  };

  function show(reply: Requests["derive"][1], before: Set<string> | null): void {
    const next = reply.derivation;
    derivation = next;
    names = namesOf(reply);
    panel.reset();
    const first = names.get(next.backward.at(-1)?.equations.at(-1)?.place ?? -1);
    if (first !== undefined) panel.show(first);
    const said = new Set<string>();
    clear(equations).append(
      equationList(app, app.text("derive.forward"), next.forward, before, said, onPlace),
      h("p", { class: "muted small" }, app.text("derive.at-once")),
      equationList(app, app.text("derive.backward"), next.backward, before, said, onPlace),
    );
    clear(notation).append(signList(app, next));
    const now = textsOf([...next.forward, ...next.backward]);
    if (before !== null) app.say(app.text("derive.rewritten", { changed: now.filter((text) => !before.has(text)).length, all: now.length }));
  }

  async function derive(sameModel: boolean): Promise<void> {
    if (current === null) return;
    const { model, choices } = current;
    const mine = ++asked;
    command.textContent = ["xgrad graph", model.name, ...flagsOf(model, choices), "--backward"].join(" ");
    try {
      const reply = await busy(equations, app.engine.ask("derive", { model: model.name, choices }));
      if (mine !== asked) return;
      problem.hidden = true;
      const before = sameModel && derivation !== null ? new Set(textsOf([...derivation.forward, ...derivation.backward])) : null;
      app.state.set("derive", packed(model, choices));
      show(reply, before);
    } catch (error) {
      if (mine !== asked) return;
      problem.textContent = error instanceof Error ? error.message : String(error);
      problem.hidden = false;
    }
  }

  function drawFields(): void {
    if (current === null) return;
    const { model, choices } = current;
    const values = models.map((each): [string, string] => [each.name, labelOf(app, `derive.model.${each.name}`, each.name)]);
    const ofModel = choice({
      label: app.text("derive.model"),
      values,
      value: model.name,
      onChange: (name) => {
        const other = models.find((each) => each.name === name);
        if (other === undefined) return;
        current = { model: other, choices: {} };
        drawFields();
        fields.querySelector<HTMLElement>("input:checked, select")?.focus();
        void derive(false);
      },
    });
    clear(fields).append(
      ofModel,
      ...optionFields(app, model, choices, (name, value) => {
        current = { model, choices: { ...current?.choices, [name]: value } };
        void derive(true);
      }),
    );
  }

  async function begin(): Promise<void> {
    try {
      models = (await busy(element, app.engine.ask("models", {}))).models;
    } catch (error) {
      problem.textContent = error instanceof Error ? error.message : String(error);
      problem.hidden = false;
      return;
    }
    const first = models.find(({ name }) => name === "cnn") ?? models[0];
    current = unpacked(app.state.get("derive") ?? "", models) ?? (first === undefined ? null : { model: first, choices: {} });
    drawFields();
    await derive(false);
  }

  return {
    element,
    shown: once(() => void begin()),
    hidden() {},
  };
};
