// Above, what an output reads. Below, what it gives back: the same numbers at the same places.

import type { App } from "./app";
import { h, number } from "./dom";
import { makeNumberGrid, type Place } from "./number_grid";
import { backward, forward, lying, readings, rot180, type Plane } from "./stamps";
import { side, type TurnState } from "./turn_state";

export interface Stage {
  element: HTMLElement;
  draw(state: TurnState): void;
}

export interface StageOptions {
  onOutput: (place: Place) => void; // another output is looked at
  onPull: (place: Place) => void; // its δ is taken or given back
  onDelta: (place: Place, value: number) => void;
  onKernel: (place: Place, value: number) => void;
  onInput: (place: Place, value: number) => void;
}

const most = (plane: Plane): number => plane.data.reduce((size, each) => Math.max(size, Math.abs(each)), 0) || 1;

export function makeStage(app: App, options: StageOptions): Stage {
  let state: TurnState | null = null;
  let asked: Place | null = null; // the element of the input whose sum is shown

  const grid = (key: string, size: number, rest: Partial<Parameters<typeof makeNumberGrid>[0]> = {}) =>
    makeNumberGrid({ label: app.text(key), rows: size, columns: size, ...rest });
  const x = grid("turn.x", side.x, { onWrite: options.onInput });
  const k = grid("turn.k", side.k, { onWrite: options.onKernel });
  const u = grid("turn.u", side.u, { onPoint: options.onOutput, onPick: options.onPull });
  const gradient = grid("turn.gradient", side.x, { hover: true, onPoint: (place) => ask(place), onLeave: () => ask(null) });
  const lies = grid("turn.lies", side.k);
  const delta = grid("turn.delta", side.u, { onPoint: options.onOutput, onPick: options.onPull, onWrite: options.onDelta });
  const reads = h("p", { class: "sum numbers" });
  const gives = h("p", { class: "sum numbers" });
  const seen = h("p", { class: "seen small muted" });
  const liesCaption = h("figcaption", {});

  const figure = (symbol: string, caption: string | HTMLElement, element: HTMLElement, area: string): HTMLElement =>
    h(
      "figure",
      { class: `grid-figure ${area}` },
      typeof caption === "string" ? h("figcaption", {}, h("b", {}, symbol), " ", caption) : caption,
      element,
    );
  const element = h(
    "div",
    { class: "stage" },
    h(
      "div",
      { class: "half" },
      h("h3", {}, app.text("turn.forward")),
      figure("x", app.text("turn.xCaption"), x.element, "x"),
      figure("k:", app.text("turn.kCaption"), k.element, "k"),
      figure("u", app.text("turn.uCaption"), u.element, "u"),
      h("div", { class: "reads" }, reads),
    ),
    h(
      "div",
      { class: "half" },
      h("h3", {}, app.text("turn.backward")),
      figure("∂E/∂x", app.text("turn.gradientCaption"), gradient.element, "x"),
      figure("", liesCaption, lies.element, "k"),
      figure("δ", app.text("turn.deltaCaption"), delta.element, "u delta"),
      h("div", { class: "gives", "aria-live": "polite" }, gives, seen),
    ),
  );

  const ask = (place: Place | null): void => {
    asked = place;
    if (state) explain(state);
  };

  /** The sums in numbers, and the window of the element that is asked for. */
  const explain = (now: TurnState): void => {
    const all = readings(now.x, now.k, now.operation, now.row, now.column);
    const sum = all.reduce((total, each) => total + each.x * each.weight, 0);
    const at = { row: now.row, column: now.column };
    const d = now.delta.data[now.row * side.u + now.column]!;
    gradient.select(asked);
    gradient.window(asked === null && d !== 0 ? { ...at, weights: lying(now.k, now.operation), dot: dotOf(now), strong: true } : null);
    seen.textContent = asked === null ? "" : app.text(`turn.seen.${now.operation}`);
    reads.textContent = `u[${now.row}, ${now.column}] = ${all.map((each) => term(each.x, each.weight)).join(" + ")} = ${number(sum)}`;
    if (asked === null) {
      gives.textContent = app.text(d === 0 ? "turn.givesNothing" : "turn.gives", { place: `[${now.row}, ${now.column}]`, delta: number(d), weights: all.map((each) => number(each.weight, 3)).join(", ") });
      delta.window(null);
      return;
    }
    // The outputs that read an element lie before it, the last of them with the first weight.
    const weights = rot180(lying(now.k, now.operation));
    const [row, column] = [asked.row - side.k + 1, asked.column - side.k + 1];
    const terms: string[] = [];
    let total = 0;
    for (let i = 0; i < side.k; ++i)
      for (let j = 0; j < side.k; ++j) {
        const [r, c] = [row + i, column + j];
        if (r < 0 || c < 0 || r >= side.u || c >= side.u) continue;
        const [sensitivity, weight] = [now.delta.data[r * side.u + c]!, weights.data[i * side.k + j]!];
        total += sensitivity * weight;
        terms.push(term(sensitivity, weight));
      }
    gives.textContent = `∂E/∂x[${asked.row}, ${asked.column}] = ${terms.join(" + ")} = ${number(total)}`;
    delta.window({ row, column, weights, dot: now.operation === "convolution" ? { row: 0, column: 0 } : { row: 2, column: 2 } });
  };

  return {
    element,
    draw(next) {
      state = next;
      const weights = lying(next.k, next.operation);
      const dot = dotOf(next);
      const at = { row: next.row, column: next.column };
      const out = forward(next.x, next.k, next.operation);
      const back = backward(next.delta, next.x, next.k, next.operation);
      x.draw(next.x, most(next.x));
      x.window({ ...at, weights, dot, strong: true });
      k.draw(next.k, most(next.k));
      k.window({ row: 0, column: 0, weights: next.k, dot: { row: 0, column: 0 }, silent: true });
      lies.draw(weights, most(next.k));
      lies.window({ row: 0, column: 0, weights, dot, silent: true });
      liesCaption.replaceChildren(h("b", {}, next.operation === "convolution" ? "rot180(k)" : "k"), " ", app.text(next.operation === "convolution" ? "turn.liesTurned" : "turn.liesSame"));
      u.draw(out, most(out));
      u.select(at);
      delta.draw(next.delta, most(next.delta));
      delta.select(at);
      gradient.draw(back, most(back));
      explain(next);
    },
  };
}

/** Where the kernel's first weight lies. */
const dotOf = (state: TurnState): Place => (state.operation === "convolution" ? { row: side.k - 1, column: side.k - 1 } : { row: 0, column: 0 });

const term = (a: number, b: number): string => `${bracketed(a)}·${bracketed(b)}`;
const bracketed = (value: number): string => (value < 0 ? `(${number(value, 3)})` : number(value, 3));
