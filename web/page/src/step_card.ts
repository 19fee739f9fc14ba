// One step of the sweep: what it computed, from what, by which equation; what it added to and what it freed.

import type { App } from "./app";
import { h } from "./dom";
import { asLatex } from "./by_hand";
import { equationFormula } from "./equations";
import { formula, light } from "./formula";
import { largest, legend } from "./heat_map";
import { letterOf } from "./letters";
import { bytesText, layerWords, opWords, readBy, stepWords, textWith, valueMark, valueWords } from "./ops";
import { idLink } from "./papers";
import type { Equation, Recording, Step, Tensor, Value } from "./protocol";
import { namesOf } from "./symbols";
import { tensorView } from "./tensor_view";

export function gradientMark(app: App, value: Value): HTMLElement {
  if (value.latex === "") return h("span", {}, app.text("derive.gradient-of", { what: valueWords(app, value) }));
  return formula(`\\partial E/\\partial ${letterOf(value)}`);
}

function equationOf(recording: Recording, step: Step): Equation | null {
  if (step.equation === null) return null;
  const { backward, section, equation } = step.equation;
  return recording.derivation[backward ? "backward" : "forward"][section]?.equations[equation] ?? null;
}

/** The sum of what the rules have given to a value so far, without and with a step's own part. */
function sums(recording: Recording, index: number): { before: Tensor; after: Tensor } | null {
  const step = recording.steps[index];
  if (step === undefined || step.kind !== "rule" || step.summed === 0) return null;
  const before = new Float64Array(step.result.data.length);
  for (const earlier of recording.steps.slice(0, index))
    if (earlier.kind === "rule" && earlier.input === step.input && earlier.result.data.length === before.length)
      earlier.result.data.forEach((x, i) => (before[i] = (before[i] ?? 0) + x));
  const after = before.map((x, i) => x + (step.result.data[i] ?? 0));
  return { before: { shape: step.result.shape, data: before }, after: { shape: step.result.shape, data: after } };
}

function sumPart(app: App, recording: Recording, index: number): HTMLElement | null {
  const parts = sums(recording, index);
  const step = recording.steps[index];
  if (parts === null || step === undefined) return null;
  const scale = largest(parts.before, parts.after, step.result);
  const view = (tensor: Tensor, key: string) => tensorView(app, tensor, { title: app.text(key), caption: [app.text(key)], scale, most: 16, size: 120, facts: false });
  const sign = (text: string) => h("span", { class: "sign", "aria-hidden": "true" }, text);
  return h(
    "div",
    { class: "part sum" },
    h("h4", {}, app.text(step.summed === 1 ? "steps.added-one" : "steps.added", { count: step.summed })),
    h("div", { class: "addition" }, view(parts.before, "steps.sum-before"), sign("+"), view(step.result, "steps.sum-this"), sign("="), view(parts.after, "steps.sum-after")),
    step.result.data.length > 1 ? legend(scale) : null,
  );
}

function equationPart(app: App, recording: Recording, step: Step, root: HTMLElement): HTMLElement {
  const equation = equationOf(recording, step);
  const names = namesOf(recording);
  const onPlace = (place: number | null) => {
    light(root, place);
    const named = place === null ? undefined : names.get(place);
    const mark = named?.value ? `${named.gradient ? "g" : "v"}${named.value.place}` : "";
    for (const figure of root.querySelectorAll<HTMLElement>("[data-mark]")) figure.classList.toggle("lit", figure.dataset.mark === mark);
  };
  if (equation === null) return h("div", { class: "part" }, h("p", { class: "muted" }, app.text("steps.no-equation")));
  return h(
    "div",
    { class: "part equation" },
    h("h4", {}, app.text("steps.equation")),
    equationFormula(equation, onPlace),
    ...equation.formulas.map((each) => h("div", { class: "paper-line" }, idLink(app, each), formula(asLatex(each.by_hand)))),
  );
}

/** What a step frees: letters, or words for what has none. */
function freedMarks(app: App, recording: Recording, step: Step): { mark: HTMLElement; words: string }[] {
  const names = namesOf(recording);
  return step.freed.map((place) => {
    const value = recording.values[place];
    if (value !== undefined) return { mark: valueMark(app, value), words: valueWords(app, value) };
    const named = names.get(place);
    const words = app.text("steps.gradient");
    return { mark: named === undefined ? h("span", {}, words) : formula(named.latex), words };
  });
}

/** What a step changes in memory: "+190 kB: c5's kernels", "freed: x". */
export function memoryChange(app: App, recording: Recording, index: number): HTMLElement | null {
  const step = recording.steps[index];
  const before = recording.steps[index - 1];
  if (step === undefined || before === undefined) return null;
  const change = step.bytes - before.bytes;
  const line = h("span", { class: "change" });
  const subject = recording.values[step.kind === "op" ? step.place : step.input];
  if (change === 0 && step.freed.length === 0) return null;
  if (subject !== undefined) {
    const parameter = subject.op === "" && subject.name !== "";
    const added = step.kind === "op" ? valueMark(app, subject) : parameter ? h("span", {}, app.text("derive.gradient-of", { what: valueWords(app, subject) })) : gradientMark(app, subject);
    line.append(h("span", {}, change > 0 ? app.text("steps.more", { bytes: bytesText(change) }) : app.text("steps.new"), " ", added));
  }
  if (change < 0) line.append(h("span", {}, app.text("steps.less", { bytes: bytesText(-change) })));
  const freed = freedMarks(app, recording, step);
  if (freed.length > 0) line.append(h("span", {}, app.text("steps.freed-short"), " ", ...freed.flatMap(({ mark }, i) => (i === 0 ? [mark] : [", ", mark]))));
  return line;
}

function freedPart(app: App, recording: Recording, step: Step): HTMLElement | null {
  if (step.freed.length === 0) return null;
  const freed = freedMarks(app, recording, step).map(({ mark, words }) => h("li", { title: words }, mark));
  return h("div", { class: "part freed" }, h("h4", {}, app.text("steps.freed")), h("ul", { class: "letters" }, ...freed));
}

function readPart(app: App, recording: Recording, step: Step): HTMLElement {
  const views: HTMLElement[] = [];
  const result = recording.values[step.place];
  if (step.kind === "rule" && result?.gradient)
    views.push(tensorView(app, result.gradient, { title: app.text("steps.upstream"), caption: [h("span", {}, app.text("steps.upstream")), gradientMark(app, result)], most: 16, mark: `g${step.place}` }));
  for (const place of readBy(step, recording.values)) {
    const value = recording.values[place];
    if (value === undefined) continue;
    const words = valueWords(app, value);
    const caption = value.latex === "" ? [words] : [formula(letterOf(value)), h("span", { class: "muted" }, words)];
    views.push(tensorView(app, value.value, { title: words, caption, most: 16, mark: `v${place}` }));
  }
  if (step.kind === "rule" && step.op.startsWith("max_pool")) views.push(h("p", { class: "muted small" }, app.text("steps.winners")));
  if (views.length === 0) views.push(h("p", { class: "muted small" }, app.text("steps.reads-nothing")));
  return h("div", { class: "part reads" }, h("h4", {}, app.text("steps.reads")), h("div", { class: "row top" }, ...views));
}

/** "From ∂E/∂u to ∂E/∂x, by the rule of addition." */
function sentence(app: App, recording: Recording, step: Step): HTMLElement {
  const result = recording.values[step.place];
  const input = recording.values[step.input];
  if (step.kind === "op" || result === undefined || input === undefined) return h("p", { class: "muted" }, app.text("steps.forward-line"));
  const text = app.text("steps.rule-line", { op: opWords(app, step.op) });
  const [first = "", second = ""] = text.split("{to}");
  const from = textWith(first.replace("{from}", "{symbol}"), gradientMark(app, result));
  return h("p", { class: "muted" }, ...from, gradientMark(app, input), second);
}

export function stepCard(app: App, recording: Recording, index: number): HTMLElement {
  const step = recording.steps[index];
  const root = h("article", { class: "step-card panel" });
  if (step === undefined) return root;
  const result = recording.values[step.place];
  const input = recording.values[step.input];
  const subject = step.kind === "op" ? result : input;
  const words = stepWords(app, step, recording.values);
  const mark = subject === undefined ? [] : step.kind === "op" ? [valueMark(app, subject)] : [gradientMark(app, subject)];
  const pictures = h(
    "div",
    { class: "part result" },
    h("h4", {}, app.text(step.kind === "op" ? "steps.computed" : "steps.given")),
    tensorView(app, step.result, { title: words, caption: mark, most: 128, size: 440, legend: true, mark: step.kind === "op" ? `v${step.place}` : `g${step.input}` }),
  );
  const parts = [equationPart(app, recording, step, root), readPart(app, recording, step), sumPart(app, recording, index), freedPart(app, recording, step)];
  root.append(
    h(
      "header",
      {},
      h("span", { class: "label" }, app.text(step.kind === "op" ? "steps.where-forward" : "steps.where-back", { step: index + 1, steps: recording.steps.length, layer: layerWords(app, result?.layer ?? "") })),
      h("h3", {}, words),
      sentence(app, recording, step),
    ),
    h("div", { class: "maps" }, pictures, h("div", { class: "stack" }, ...parts)),
  );
  return root;
}
