// What the library's ops are called in words.

import type { App } from "./app";
import { formula } from "./formula";
import { h } from "./dom";
import { letterOf } from "./letters";
import type { Step, Value } from "./protocol";

const named = new Set([
  "abs", "add", "block_sum", "broadcast_to", "conv2d", "correlate2d", "divide", "exp", "log", "log_softmax", "matmul", "max_pool2d", "mean",
  "mean_pool2d", "multiply", "negative", "pad", "relu", "reshape", "rot180", "scaled_tanh", "sigmoid", "softmax", "square", "subtract", "sum",
  "take_last", "tanh", "transpose",
]);

/** "max pooling" for max_pool2d. */
export function opWords(app: App, op: string): string {
  return named.has(op) ? app.text(`steps.op.${op}`) : op.replace(/_/g, " ");
}

/** The places of the forward values that a step read. */
export function readBy(step: Step, values: Value[]): number[] {
  return step.reads.filter((place) => place < values.length);
}

const roles: Record<string, string> = { bias: "bias", beta: "beta", scores: "scores", kernels: "kernel" };

/** "c1's kernel": a parameter in words. */
function parameterWords(app: App, value: Value): string {
  const [layer = "", last = ""] = value.name.split(".");
  const role = roles[last] ?? (last === "weight" ? (value.value.shape.length === 4 ? "kernel" : "matrix") : null);
  return role === null ? value.name : app.text("steps.parameter", { layer: layer.toUpperCase(), role: app.text(`steps.role.${role}`) });
}

/** A value in words, for those who cannot see its letter. */
export function valueWords(app: App, value: Value): string {
  if (value.name === "x") return app.text("steps.image");
  if (value.name !== "") return parameterWords(app, value);
  if (value.op === "") return app.text("steps.constant");
  return app.text("steps.result", { op: opWords(app, value.op), layer: value.layer });
}

/** A value's letter; its words if it has none. */
export function valueMark(app: App, value: Value): HTMLElement {
  return value.latex === "" ? h("span", {}, valueWords(app, value)) : formula(letterOf(value));
}

/** A text with an element in the place of {symbol}. */
export function textWith(text: string, symbol: Node): Node[] {
  const [before = "", after = ""] = text.split("{symbol}");
  return [document.createTextNode(before), symbol, document.createTextNode(after)];
}

/** A layer's name; what follows the last layer is the loss. */
export function layerWords(app: App, layer: string): string {
  return layer === "loss" ? app.text("derive.loss") : layer === "" ? "–" : layer.toUpperCase();
}

/** Whether an op works on a bias alone. */
function isBias(values: Value[], step: Step): boolean {
  const [input] = values[step.place]?.inputs ?? [];
  return input !== undefined && values[input]?.name.endsWith(".bias") === true;
}

/** What a step does, in words: "The gradient of c1's kernel". */
export function stepWords(app: App, step: Step, values: Value[]): string {
  const op = opWords(app, step.op);
  if (step.op === "reshape" && isBias(values, step)) return app.text(step.kind === "op" ? "steps.title.bias-axes" : "steps.title.bias-axes-back");
  if (step.kind === "op") return app.text("steps.title.op", { op, layer: values[step.place]?.layer ?? "" });
  const input = values[step.input];
  if (input === undefined) return app.text("steps.title.back", { op });
  const what = input.op === "" ? valueWords(app, input) : "";
  return what === "" ? app.text("steps.title.back", { op }) : app.text("steps.title.leaf", { what });
}

/** How much memory: "214 kB". */
export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let unit = 0;
  for (; bytes >= 1000 && unit < 3; ++unit) bytes /= 1000;
  return `${Number(bytes.toPrecision(3))} ${units[unit]}`;
}
