// What a training begins with: the network, its options, the number of epochs and the seed.

import type { App } from "./app";
import { choice, clear, h } from "./dom";
import { flagsOf, labelOf, optionFields, packed, unpacked } from "./model_options";
import type { Choices, Model } from "./protocol";
import type { Plan } from "./train_run";

export interface Settings {
  element: HTMLElement;
  plan(): Plan;
}

const mostEpochs = 50;
const mostSeed = 2 ** 31 - 1;

/** The command that does the same natively. */
export function commandOf({ model, choices, recipe, epochs, seed }: Plan, known: Model | undefined, steps: number): string {
  const words = ["XGRAD_ARCH=baseline xgrad train", model, ...(known === undefined ? [] : flagsOf(known, choices))];
  if (recipe !== "") words.push("--recipe", recipe);
  words.push("--data", "mnist-sample", "--epochs", String(epochs));
  if (seed !== 1) words.push("--seed", String(seed));
  return [...words, "--stop-after", String(steps), "--hash"].join(" ");
}

export const samePlan = (a: Plan, b: Plan): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The fields. What they say is kept in the link. `changed` is called after each change. */
export function makeSettings(app: App, models: Model[], changed: () => void): Settings {
  const { text, state } = app;
  const linked = unpacked(state.get("train") ?? "lenet5", models);
  let model = linked?.model ?? models[0]!;
  let choices: Choices = linked?.choices ?? {};
  const whole = (key: string, least: number, most: number, otherwise: number) => {
    const value = Number(state.get(key) ?? otherwise);
    return Number.isInteger(value) && value >= least && value <= most ? value : otherwise;
  };
  /** The recipe that suits the digits of this page, if the model has it. */
  const usual = (of: Model) => (of.recipes.some(({ name }) => name === "sample") ? "sample" : "");
  let way = state.get("way") ?? usual(model);
  let epochs = whole("epochs", 1, mostEpochs, 5);
  let seed = whole("seed", 0, mostSeed, 1);

  const tell = () => {
    const all = packed(model, choices);
    state.set("train", all === "lenet5" ? null : all);
    state.set("way", way === usual(model) ? null : way);
    state.set("epochs", epochs === 5 ? null : String(epochs));
    state.set("seed", seed === 1 ? null : String(seed));
    changed();
  };

  const options = h("div", { class: "row top train-options" });
  const all = h("details", { open: Object.keys(choices).length > 0 }, h("summary", {}, text("train.options")), options);
  const showOptions = () => {
    all.hidden = model.options.length === 0;
    const fields = optionFields(app, model, choices, (name, value) => {
      const { [name]: _, ...others } = choices;
      choices = value === model.options.find((option) => option.name === name)?.values[0] ? others : { ...others, [name]: value };
      showWays();
      tell();
    });
    clear(options).append(...fields);
  };
  showOptions();

  // A recipe has choices of its own, so it is offered while none are made here.
  const ways = h("div", {});
  const recipeNow = () => (Object.keys(choices).length === 0 && model.recipes.some(({ name }) => name === way) ? way : "");
  const showWays = () => {
    ways.hidden = model.recipes.length === 0 || Object.keys(choices).length > 0;
    const field = choice({
      label: text("train.way"),
      values: [["", text("train.way.usual")], ...model.recipes.map(({ name }): [string, string] => [name, labelOf(app, `train.way.${name}`, name)])],
      value: recipeNow(),
      onChange: (name) => {
        way = name;
        tell();
      },
    });
    clear(ways).append(field);
  };
  showWays();

  const network = choice({
    label: text("train.network"),
    values: models.map(({ name }) => [name, labelOf(app, `derive.model.${name}`, name)]),
    value: model.name,
    onChange: (name) => {
      model = models.find((each) => each.name === name) ?? model;
      choices = {};
      way = usual(model);
      showOptions();
      showWays();
      tell();
    },
  });

  const numberField = (label: string, value: number, least: number, most: number, take: (value: number) => void) => {
    const onchange = () => {
      const next = Math.min(most, Math.max(least, Math.round(Number(input.value)) || least));
      input.value = String(next);
      take(next);
      tell();
    };
    const input = h("input", { type: "number", min: least, max: most, step: 1, value, required: true, onchange });
    return h("label", { class: "field" }, h("span", { class: "label" }, label), input);
  };

  const element = h(
    "div",
    { class: "stack train-settings" },
    h(
      "div",
      { class: "row bottom" },
      network,
      ways,
      numberField(text("train.epochs"), epochs, 1, mostEpochs, (value) => (epochs = value)),
      numberField(text("train.seed"), seed, 0, mostSeed, (value) => (seed = value)),
    ),
    all,
  );
  return { element, plan: () => ({ model: model.name, choices: { ...choices }, recipe: recipeNow(), epochs, seed }) };
}
