// The letters of values, as all views write them.

import type { Value } from "./protocol";

/** The letter of a value; "" if it has none. Log softmax is one op: its value is the logarithm of y. */
export function letterOf(value: Value): string {
  return value.op === "log_softmax" && value.latex !== "" ? `\\log ${value.latex}` : value.latex;
}
