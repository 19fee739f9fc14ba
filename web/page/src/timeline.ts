// The way forward and back: ops from left to right, and under each op the rules of its inputs, from right to left.

import type { App } from "./app";
import { clear, h, svg } from "./dom";
import { layerWords, stepWords } from "./ops";
import type { Recording } from "./protocol";

interface Mark {
  step: number;
  column: number;
  row: number; // 0 forward; 1 the way back; 2 and more: gradients of parameters
  kind: "op" | "path" | "leaf";
  madeBy: number; // the step that made the value; the step itself
  freedBy: number; // the step that freed it, or Infinity
}

export interface Timeline {
  element: HTMLElement;
  show(step: number): void;
}

/** The rule of each op that leads on, towards the image: its step by the op's place. */
function mainRules({ steps, values }: Recording): Map<number, number> {
  const main = new Map<number, number>();
  steps.forEach((step, index) => {
    const input = values[step.input];
    if (step.kind === "op" || input === undefined || (input.op === "" && input.name !== "x")) return;
    const other = steps[main.get(step.place) ?? -1];
    if (other === undefined || step.position < other.position) main.set(step.place, index);
  });
  return main;
}

/** The columns are ops, in the order of the way forward. */
function marksOf(recording: Recording): { marks: Mark[]; columns: number[]; rows: number } {
  const freedBy = new Map<number, number>();
  recording.steps.forEach((step, index) => step.freed.forEach((place) => freedBy.set(place, index)));
  const lastRule = new Map<number, number>(); // of each op: then nothing needs the gradient of its result any more
  recording.steps.forEach((step, index) => step.kind === "rule" && lastRule.set(step.place, index));
  const mainRule = mainRules(recording);
  const columns: number[] = [];
  const columnOf = new Map<number, number>();
  const below = new Map<number, number>();
  const marks: Mark[] = [];
  let rows = 2;
  recording.steps.forEach((step, index) => {
    let column = columnOf.get(step.place);
    if (column === undefined) {
      column = columns.length;
      columnOf.set(step.place, column);
      columns.push(step.place);
    }
    if (step.kind === "op") {
      marks.push({ step: index, column, row: 0, kind: "op", madeBy: index, freedBy: freedBy.get(step.place) ?? Infinity });
      return;
    }
    const row = mainRule.get(step.place) === index ? 1 : (below.get(column) ?? 1) + 1;
    if (row > 1) below.set(column, row);
    rows = Math.max(rows, row + 1);
    const leaf = (recording.values[step.input]?.op ?? "") === "";
    marks.push({ step: index, column, row, kind: leaf ? "leaf" : "path", madeBy: index, freedBy: lastRule.get(step.input) ?? Infinity });
  });
  return { marks, columns, rows };
}

const left = 14;
const forwardY = 40;
const backY = 92;
const rowHeight = 22;

function y(row: number): number {
  return row === 0 ? forwardY : backY + (row - 1) * rowHeight;
}

export function timeline(app: App, recording: Recording, onStep: (step: number) => void): Timeline {
  const { marks, columns, rows } = marksOf(recording);
  const turnRoom = 34;
  const height = y(rows - 1) + 18;
  const element = h("div", { class: "timeline scroll", "aria-hidden": "true" });
  const drawn = new Map<number, SVGElement>();
  let ways: [forward: SVGElement, back: SVGElement] | null = null;
  let cell = 0;
  let current = 0;

  const x = (column: number) => left + (column + 0.5) * cell;

  function bands(): SVGElement[] {
    const all: SVGElement[] = [];
    for (let first = 0, band = 0; first < columns.length; ++band) {
      const layer = recording.values[columns[first] ?? 0]?.layer ?? "";
      const words = layerWords(app, layer);
      let last = first;
      while (last + 1 < columns.length && recording.values[columns[last + 1] ?? 0]?.layer === layer) ++last;
      const width = (last - first + 1) * cell;
      if (band % 2 === 0) all.push(svg("rect", { class: "band", x: left + first * cell, y: 0, width, height, rx: 4 }));
      if (words.length * 7 <= width + 2)
        all.push(svg("text", { class: "layer", x: left + first * cell + width / 2, y: 15, "text-anchor": "middle" }, words));
      first = last + 1;
    }
    return all;
  }

  /** A shape of its own for each kind, so that colour is not needed. */
  function drawMark(mark: Mark): SVGElement {
    const [cx, cy] = [x(mark.column), y(mark.row)];
    const r = Math.min(7, cell * 0.36);
    const shape =
      mark.kind === "leaf"
        ? svg("rect", { class: "dot", x: cx - r * 0.85, y: cy - r * 0.85, width: r * 1.7, height: r * 1.7, rx: 1.5 })
        : svg("circle", { class: "dot", cx, cy, r });
    const step = recording.steps[mark.step];
    const title = svg("title", {}, step === undefined ? "" : stepWords(app, step, recording.values));
    const hit = svg("rect", { class: "hit", x: cx - cell / 2, y: cy - rowHeight / 2, width: cell, height: rowHeight });
    const stem = mark.row > 1 ? svg("line", { class: "stem", x1: cx, x2: cx, y1: y(mark.row - 1) + r, y2: cy - r }) : null;
    const ring = svg("circle", { class: "ring", cx, cy, r: r + 4 });
    return svg("g", { class: `mark ${mark.kind}`, onclick: () => onStep(mark.step) }, title, stem, ring, shape, hit);
  }

  function draw(width: number): void {
    cell = Math.max(9, Math.min(60, (width - left - turnRoom) / Math.max(columns.length, 1)));
    const right = left + columns.length * cell;
    const all = right + turnRoom;
    const turn = `M ${right - cell / 2} ${forwardY} H ${right} C ${right + 34} ${forwardY}, ${right + 34} ${backY}, ${right} ${backY} H ${right - cell / 2}`;
    const forward = svg("path", { class: "way done", d: "" });
    const back = svg("path", { class: "way done back", d: "" });
    ways = [forward, back];
    clear(element).append(
      svg(
        "svg",
        { width: all, height, viewBox: `0 0 ${all} ${height}` },
        ...bands(),
        svg("path", { class: "way", d: `M ${left} ${forwardY} H ${right - cell / 2}` }),
        svg("path", { class: "way turn", d: turn }),
        svg("path", { class: "way", d: `M ${right - cell / 2} ${backY} H ${left}` }),
        svg("path", { class: "way", d: `M ${left + 5} ${backY - 4} L ${left} ${backY} L ${left + 5} ${backY + 4}` }),
        forward,
        back,
        ...marks.map((mark) => {
          const one = drawMark(mark);
          drawn.set(mark.step, one);
          return one;
        }),
      ),
    );
    show(current);
  }

  function show(step: number): void {
    current = step;
    for (const mark of marks) {
      const shown = drawn.get(mark.step);
      if (shown === undefined) continue;
      shown.classList.toggle("later", mark.madeBy > step);
      shown.classList.toggle("freed", mark.freedBy <= step);
      shown.classList.toggle("now", mark.step === step);
    }
    const now = marks.find((mark) => mark.step === step);
    if (now === undefined || ways === null) return;
    const end = left + (columns.length - 0.5) * cell;
    ways[0].setAttribute("d", `M ${left} ${forwardY} H ${now.row === 0 ? x(now.column) : end}`);
    ways[1].setAttribute("d", now.row === 0 ? "" : `M ${end} ${backY} H ${x(now.column)}`);
    const room = element.clientWidth;
    if (element.scrollWidth > room) element.scrollTo({ left: x(now.column) - room / 2, behavior: "smooth" });
  }

  let width = 0;
  new ResizeObserver(() => {
    if (element.clientWidth === width || element.clientWidth === 0) return;
    width = element.clientWidth;
    draw(width);
  }).observe(element);
  return { element, show };
}
