// What problems are called.

import type { App } from "./app";
import type { Problem } from "./protocol";

/** A text, or what stands for it where no text has the key. */
export function textOr(app: App, key: string, other: string): string {
  const text = app.text(key);
  return text === key ? other : text;
}

export const layerName = (app: App, problem: Problem): string => textOr(app, `check.layer.${problem.title}`, problem.title);

export const wantedName = (problem: Problem): string => `∂E/∂${problem.wanted.name}`;

/** A formula of a layer and a remark in words after it, if there is one. */
export function forwardParts(app: App, problem: Problem): { formula: string; remark: string } {
  const [, formula = problem.forward, remark = ""] = /^(.*?),\s+((?:\p{L}+\s+){2,}\p{L}+)$/u.exec(problem.forward) ?? [];
  return { formula, remark: remark === "" ? "" : textOr(app, `check.remark.${problem.title}`, remark) };
}
