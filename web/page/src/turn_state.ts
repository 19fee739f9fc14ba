// What the view of the turning kernel shows, and how a link holds it.

import type { Digit } from "./app";
import { plane, type Operation, type Plane } from "./stamps";

export const side = { x: 7, k: 3, u: 5 };

export interface TurnState {
  operation: Operation;
  several: boolean; // δ is kept while another output is taken
  x: Plane;
  k: Plane;
  delta: Plane;
  row: number; // the output that one looks at
  column: number;
}

export const counting = (): Plane => plane(3, 3, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
export const edge = (): Plane => plane(3, 3, [1, 0, -1, 2, 0, -2, 1, 0, -1]);

/** The digit in 7×7 numbers from 0 to 9: the means of its blocks. */
export function patch(digit: Digit): Plane {
  const { shape, data } = digit.image;
  const [height = 28, width = 28] = shape.slice(-2);
  const small = plane(side.x, side.x);
  const [down, across] = [Math.floor(height / side.x), Math.floor(width / side.x)];
  for (let i = 0; i < side.x; ++i)
    for (let j = 0; j < side.x; ++j) {
      let sum = 0;
      for (let r = 0; r < down; ++r) for (let c = 0; c < across; ++c) sum += data[(i * down + r) * width + j * across + c] ?? 0;
      small.data[i * side.x + j] = Math.round((9 * sum) / (255 * down * across));
    }
  return small;
}

export function beginning(digit: Digit): TurnState {
  const state: TurnState = { operation: "convolution", several: false, x: patch(digit), k: counting(), delta: plane(side.u, side.u), row: 1, column: 2 };
  state.delta.data[state.row * side.u + state.column] = 1;
  return state;
}

export function toWord(state: TurnState): string {
  return [state.operation, state.several ? "several" : "one", state.row, state.column, Array.from(state.k.data).join(","), state.several ? Array.from(state.delta.data).join(",") : ""].join("_");
}

/** Takes over what a link holds; what does not fit is left as it is. */
export function fromWord(word: string, state: TurnState): void {
  const [operation, several, row, column, k, delta] = word.split("_");
  if (operation === "convolution" || operation === "correlation") state.operation = operation;
  state.several = several === "several";
  const index = (text: string | undefined, old: number): number => (text !== undefined && /^[0-4]$/.test(text) ? Number(text) : old);
  state.row = index(row, state.row);
  state.column = index(column, state.column);
  state.k = numbers(k, side.k) ?? state.k;
  const only = plane(side.u, side.u);
  only.data[state.row * side.u + state.column] = 1;
  state.delta = (state.several ? numbers(delta, side.u) : null) ?? only;
}

function numbers(text: string | undefined, size: number): Plane | null {
  const all = (text ?? "").split(",").map(Number);
  return all.length === size * size && all.every((each) => Number.isFinite(each) && Math.abs(each) < 1000) ? plane(size, size, all) : null;
}
