// The tensors that the names in a derivation stand for.

import type { Derivation, Tensor, Value } from "./protocol";

/** A name in the equations: of a value, or of a gradient with respect to one. */
export interface Named {
  latex: string;
  value: Value | null; // of the way forward
  gradient: boolean; // whether the name itself is a gradient: δ, or ∂E/∂k
  own: Tensor | null; // what the name stands for
}

const opening = /\\htmlData\{place=(\d+)\}\{/g;

/** LaTeX without the marks of places. */
export function unmarked(latex: string): string {
  let plain = "";
  let last = 0;
  for (const match of latex.matchAll(opening)) {
    plain += latex.slice(last, match.index) + "{";
    last = match.index + match[0].length;
  }
  return plain + latex.slice(last);
}

function inBraces(text: string, from: number): string {
  let depth = 1;
  let end = from;
  for (; end < text.length && depth > 0; ++end) {
    if (text[end] === "\\") ++end;
    else if (text[end] === "{") ++depth;
    else if (text[end] === "}") --depth;
  }
  return text.slice(from, end - 1);
}

const tidy = (latex: string) => latex.replace(/[\s{}]/g, "");

/** What the names belong to: a recording, or a derivation with its values. */
interface Source {
  derivation: Derivation;
  values: Value[];
  backward: Value[];
}

/** All names of a derivation by their places. A sensitivity's place is on the way back; the value that it belongs to is found by its letter. */
export function namesOf({ derivation, values, backward }: Source): Map<number, Named> {
  const byPlace = new Map([...values, ...backward].map((value) => [value.place, value]));
  const byLetter = new Map(values.filter((value) => value.latex !== "").map((value) => [tidy(unmarked(value.latex)), value]));
  const names = new Map<number, Named>();
  const sections = [...derivation.forward, ...derivation.backward];
  for (const latex of sections.flatMap(({ equations }) => equations.flatMap(({ left, right }) => [left, right])))
    for (const match of latex.matchAll(opening)) {
      const place = Number(match[1]);
      if (names.has(place)) continue;
      const marked = inBraces(latex, match.index + match[0].length);
      const name = unmarked(marked);
      const sensitivity = tidy(name).match(/^\\delta(.*)$/);
      const slope = marked.match(/^\\frac\{\\partial E\}\{\\partial (.*)\}$/);
      const letter = sensitivity !== null ? `u${sensitivity[1]}` : tidy(slope !== null ? unmarked(slope[1] ?? "") : name);
      const forward = place < values.length ? byPlace.get(place) : undefined;
      names.set(place, { latex: name, value: forward ?? byLetter.get(letter) ?? null, gradient: sensitivity !== null || slope !== null, own: byPlace.get(place)?.value ?? null });
    }
  return names;
}
