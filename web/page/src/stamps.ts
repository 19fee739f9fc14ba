// A small convolution layer, element by element: what an output reads, and what it gives back.

import type { Tensor } from "./protocol";

export type Operation = "convolution" | "correlation";

/** Numbers in rows. */
export interface Plane {
  rows: number;
  columns: number;
  data: Float64Array;
}

export function plane(rows: number, columns: number, data: ArrayLike<number> = new Float64Array(rows * columns)): Plane {
  return { rows, columns, data: Float64Array.from(data) };
}

export const tensor = (p: Plane): Tensor => ({ shape: [p.rows, p.columns], data: p.data });

export function rot180(p: Plane): Plane {
  return plane(p.rows, p.columns, Float64Array.from(p.data).reverse());
}

/** The kernel as it lies on the input. */
export const lying = (k: Plane, operation: Operation): Plane => (operation === "convolution" ? rot180(k) : k);

/** An element that an output reads, in the order of the input. */
export interface Reading {
  row: number;
  column: number;
  x: number;
  weight: number;
}

export function readings(x: Plane, k: Plane, operation: Operation, row: number, column: number): Reading[] {
  const weights = lying(k, operation);
  const all: Reading[] = [];
  for (let i = 0; i < k.rows; ++i)
    for (let j = 0; j < k.columns; ++j) {
      const [r, c] = [row + i, column + j];
      all.push({ row: r, column: c, x: x.data[r * x.columns + c], weight: weights.data[i * k.columns + j] });
    }
  return all;
}

/** All outputs. */
export function forward(x: Plane, k: Plane, operation: Operation): Plane {
  const u = plane(x.rows - k.rows + 1, x.columns - k.columns + 1);
  for (let i = 0; i < u.rows; ++i)
    for (let j = 0; j < u.columns; ++j)
      u.data[i * u.columns + j] = readings(x, k, operation, i, j).reduce((sum, each) => sum + each.x * each.weight, 0);
  return u;
}

/** Every output gives back δ times the weight to each element that it has read: the sum of all stamps. */
export function backward(delta: Plane, x: Plane, k: Plane, operation: Operation): Plane {
  const gradient = plane(x.rows, x.columns);
  for (let i = 0; i < delta.rows; ++i)
    for (let j = 0; j < delta.columns; ++j)
      for (const each of readings(x, k, operation, i, j))
        gradient.data[each.row * x.columns + each.column] += delta.data[i * delta.columns + j] * each.weight;
  return gradient;
}
