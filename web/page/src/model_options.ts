// A model and its options, as fields; and the command that names the same network.

import type { App } from "./app";
import { choice, h } from "./dom";
import type { Choices, Model, ModelOption } from "./protocol";

/** A label that a language may have; else the name itself. */
export function labelOf(app: App, key: string, name: string): string {
  const label = app.text(key);
  return label === key ? name : label;
}

function defaultOf(option: ModelOption): string {
  return option.values[0] ?? "";
}

/** The choices that are not the defaults. */
function chosen(model: Model, choices: Choices): [ModelOption, string][] {
  return model.options
    .map((option): [ModelOption, string] => [option, choices[option.name] ?? defaultOf(option)])
    .filter(([option, value]) => value !== defaultOf(option));
}

/** The choices in a shell line: ["--pooling beta", "--combination"]. Options of yes and no are flags. */
export function flagsOf(model: Model, choices: Choices): string[] {
  return chosen(model, choices).map(([{ name, values }, value]) => {
    if (values.length === 2 && values.includes("yes") && values.includes("no")) return value === "yes" ? `--${name}` : `--no-${name}`;
    return `--${name} ${/^[\w.,+-]+$/.test(value) ? value : `'${value}'`}`;
  });
}

/** "cnn;pooling=beta" for a link. */
export function packed(model: Model, choices: Choices): string {
  return [model.name, ...chosen(model, choices).map(([{ name }, value]) => `${name}=${value}`)].join(";");
}

/** What `packed` made, without what these models do not know. */
export function unpacked(text: string, models: Model[]): { model: Model; choices: Choices } | null {
  const [name, ...pairs] = text.split(";");
  const model = models.find((each) => each.name === name);
  if (model === undefined) return null;
  const choices: Choices = {};
  for (const pair of pairs) {
    const [key = "", value = ""] = pair.split("=");
    const option = model.options.find((each) => each.name === key);
    if (option !== undefined && (option.values.length < 2 || option.values.includes(value))) choices[key] = value;
  }
  return { model, choices };
}

function optionField(app: App, option: ModelOption, value: string, onChange: (value: string) => void): HTMLElement {
  const label = labelOf(app, `derive.option.${option.name}`, option.name);
  if (option.values.length > 1) {
    const values = option.values.map((each): [string, string] => [each, labelOf(app, `derive.value.${option.name}.${each}`, labelOf(app, `derive.value.${each}`, each))]);
    const field = choice({ label, values, value, onChange });
    field.title = option.help;
    return field;
  }
  const input = h("input", { type: "text", value, size: 7, title: option.help, onchange: () => onChange(input.value.trim()) });
  return h("label", { class: "field" }, h("span", { class: "label" }, label), input);
}

export function optionFields(app: App, model: Model, choices: Choices, onChange: (name: string, value: string) => void): HTMLElement[] {
  return model.options.map((option) => optionField(app, option, choices[option.name] ?? defaultOf(option), (value) => onChange(option.name, value)));
}
