// What differs between a formula as its text has it and the equation that was derived.

import type { Equation, Formula } from "./protocol";

interface Difference {
  key: string;
  when: (derived: string, by_hand: string, id: string) => boolean;
}

const hasAverage = (text: string) => /1\/(\(2N\)|N|\(2n\)|n)/.test(text);
const sumsSamples = (text: string) => /Σ_(\{n[,}]|n )/.test(text);

const differences: Difference[] = [
  { key: "average", when: (derived, by_hand) => hasAverage(derived) && !hasAverage(by_hand) },
  { key: "samples", when: (derived, by_hand) => sumsSamples(derived) && derived.startsWith("∂") && !by_hand.includes("Σ_n") },
  { key: "outer", when: (derived, by_hand) => /^∂E\/∂W.*ᵀ$/.test(derived) && !by_hand.includes("ᵀ") },
  { key: "transposed", when: (derived, by_hand) => /= .*\(W\^\S+\)ᵀ/.test(derived) && !by_hand.includes("ᵀ") },
  { key: "turned", when: (derived, by_hand) => by_hand.includes("conv(") && by_hand.includes("rot180") && !derived.includes("rot180") },
  { key: "kernels", when: (derived, by_hand) => /= .*∂E\/∂K/.test(derived) && by_hand.includes("rot180") },
  { key: "sum", when: (derived, by_hand, id) => id === "H-C3.4" && derived.includes("conv2d") && !by_hand.includes("conv") },
  { key: "mask", when: (derived, _, id) => derived.includes("msk") && id.startsWith("H-S") },
  { key: "quarter", when: (derived, by_hand) => derived.includes("0.25") && by_hand.includes("β") },
  { key: "no-slope", when: (derived, by_hand, id) => id === "H-F.4" && by_hand.includes("f'") && !derived.includes("f'") },
];

/** What differs, each once for all formulas of an equation: "average". */
export function differencesOf(equation: Equation, formulas: Formula[]): string[] {
  const found = differences.filter(({ when }) => formulas.some(({ id, by_hand }) => when(equation.text, by_hand, id)));
  return found.map(({ key }) => key);
}
