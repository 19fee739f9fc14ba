// Corners and ties: autodiff picks one slope, a finite difference takes the mean of both.

import type { App } from "./app";
import { button, choice, clear, h, number, slider } from "./dom";
import { makeKinkPlot } from "./kink_plot";
import type { Requests } from "./protocol";

type Kind = "max_pool2d" | "relu" | "abs";
type Slope = Requests["slope"][1];

const functions: Record<Kind, { f: (x: number[]) => number; shape: number[]; begin: number[]; dragged: number }> = {
  max_pool2d: { f: (x) => Math.max(...x), shape: [2, 2], begin: [0.2, -0.4, 0.5, -0.1], dragged: 2 },
  relu: { f: ([v = 0]) => Math.max(0, v), shape: [1], begin: [0.4], dragged: 0 },
  abs: { f: ([v = 0]) => Math.abs(v), shape: [1], begin: [0.4], dragged: 0 },
};
const [low, high, grain] = [-1, 1, 0.05];
const round = (v: number): number => Math.round(v / grain) * grain;
const tied = (a: number, b: number, within = 1e-9): boolean => Math.abs(a - b) <= within;

export function kinksPanel(app: App): { element: HTMLElement; shown(): void } {
  let kind: Kind = "max_pool2d";
  let x = [...functions[kind].begin];
  let dragged = functions[kind].dragged; // the element whose line is drawn
  let step = 0.1;
  let slope: Slope | null = null;
  let asking = false;
  let again = false;

  const cells = h("div", { class: "kink-cells" });
  const told = h("p", { class: "kink-told", "aria-live": "polite" });
  const numbers = h("dl", { class: "kink-numbers numbers" });
  const plot = makeKinkPlot(low, high, { axis: "E" }, (v) => move(dragged, v));
  let drawn: { value: HTMLElement; input: HTMLInputElement; slopes: HTMLElement; cell: HTMLElement }[] = [];

  const ask = async (): Promise<void> => {
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    try {
      do {
        again = false;
        const { shape } = functions[kind];
        slope = await app.engine.ask("slope", { function: kind, x: { shape, data: Float64Array.from(x) }, g: null, step });
      } while (again);
      draw();
    } catch (error) {
      app.say(error instanceof Error ? error.message : String(error), "error");
    } finally {
      asking = false;
    }
  };
  const move = (i: number, v: number): void => {
    dragged = i;
    x[i] = round(v);
    draw();
    void ask();
  };
  const name = (i: number): string => (x.length === 1 ? "x" : `x[${Math.floor(i / 2)}, ${i % 2}]`);

  const lay = (): void => {
    clear(cells).classList.toggle("single", x.length === 1);
    drawn = x.map((v, i) => {
      const value = h("output", { class: "value numbers" });
      const slopes = h("span", { class: "slopes numbers" });
      const input = h("input", { type: "range", min: low, max: high, step: grain, value: v, oninput: () => move(i, Number(input.value)), onfocus: () => take(i) });
      input.setAttribute("aria-label", name(i));
      const cell = h("label", { class: "kink-cell" }, h("span", { class: "label" }, name(i)), value, input, slopes);
      cells.append(cell);
      return { value, input, slopes, cell };
    });
  };
  const take = (i: number): void => {
    dragged = i;
    draw();
  };

  const draw = (): void => {
    const { f } = functions[kind];
    const most = Math.max(...x);
    drawn.forEach(({ value, input, slopes, cell }, i) => {
      value.textContent = number(x[i]!, 3);
      if (Number(input.value) !== x[i]) input.value = String(x[i]);
      input.setAttribute("aria-valuetext", number(x[i]!, 3));
      cell.classList.toggle("largest", kind === "max_pool2d" && tied(x[i]!, most));
      cell.classList.toggle("dragged", i === dragged);
      const [g, d] = [slope?.gradient.data[i] ?? NaN, slope?.finite.data[i] ?? NaN];
      cell.classList.toggle("apart", Math.abs(g - d) > 1e-6);
      clear(slopes).append(h("b", { class: "by-autodiff" }, number(g, 3)), h("span", { class: "by-step" }, number(d, 3)));
    });
    const along = (v: number): number => f(x.map((each, i) => (i === dragged ? v : each)));
    const [g, d] = [slope?.gradient.data[dragged] ?? NaN, slope?.finite.data[dragged] ?? NaN];
    if (!Number.isNaN(g)) plot.draw({ f: along, at: x[dragged]!, step, slope: g, finite: d, symbol: name(dragged), label: app.text("kink.plot", { name: name(dragged), value: number(x[dragged]!, 3), autodiff: number(g, 3), finite: number(d, 3) }) });
    clear(numbers).append(
      h("div", { class: "by-autodiff" }, h("dt", {}, app.text("kink.autodiff", { name: name(dragged) })), h("dd", {}, number(g, 4))),
      h("div", { class: "by-step" }, h("dt", {}, app.text("kink.finite")), h("dd", {}, number(d, 4))),
    );
    told.textContent = app.text(`kink.${kind}.${where()}`);
  };

  /** How the value lies to the nearest corner: on it, so near that the step crosses it, or away. */
  const where = (): "on" | "near" | "away" => {
    const v = x[dragged]!;
    if (kind !== "max_pool2d") return tied(v, 0) ? "on" : tied(v, 0, step - 1e-9) ? "near" : "away";
    const others = Math.max(...x.filter((_, i) => i !== dragged));
    return tied(v, others) ? "on" : tied(v, others, step - 1e-9) ? "near" : "away";
  };
  const corner = (): void => {
    const others = x.filter((_, i) => i !== dragged);
    move(dragged, kind === "max_pool2d" ? Math.max(...others) : 0);
  };

  const element = h(
    "section",
    { class: "kinks" },
    h("h2", {}, app.text("kink.title")),
    h("p", { class: "lead" }, app.text("kink.lead")),
    h(
      "div",
      { class: "row bottom controls" },
      choice({
        label: app.text("kink.function"),
        values: [
          ["max_pool2d", app.text("kink.maxPooling")],
          ["relu", "ReLU"],
          ["abs", "|x|"],
        ],
        value: kind,
        onChange: (value) => {
          kind = value === "relu" || value === "abs" ? value : "max_pool2d";
          x = [...functions[kind].begin];
          [dragged, slope] = [functions[kind].dragged, null];
          lay();
          draw();
          void ask();
        },
      }),
      slider({
        label: app.text("kink.step"),
        min: -3,
        max: -0.4,
        step: 0.1,
        value: Math.log10(step),
        format: (v) => `± ${number(10 ** v, 2)}`,
        onInput: (v) => {
          step = 10 ** v;
          void ask();
        },
      }),
      button(app.text("kink.corner"), corner),
    ),
    h("div", { class: "kink-stage" }, h("div", { class: "stack" }, cells, numbers, told), plot.element),
    h("p", { class: "muted" }, app.text("kink.rules")),
  );
  return {
    element,
    shown() {
      lay();
      draw();
      void ask();
    },
  };
}
