// A gradient held against the automatic one, as one sees it.

import type { App } from "./app";
import { h, number } from "./dom";
import { heatMap, largest, legend } from "./heat_map";
import { arrange, indexOf, offsetOf } from "./planes";
import type { Row, Tensor } from "./protocol";

export const shapeText = (shape: number[]): string => (shape.length === 0 ? "1" : shape.join(" × "));

/** A number of a row: null stands for NaN or infinity in an answer. */
const real = (x: number | null): number => x ?? NaN;

/** What is said of a row: the explanation, or why there is no comparison. */
export function explanation(row: Row): string {
  return row.agrees ? "" : row.problem || row.explanation;
}

/** The first element that differs, three ways. */
export function firstDifference(app: App, row: Row, hand = "check.yours"): HTMLElement | null {
  if (row.agrees || row.problem !== "" || row.by_hand === null) return null;
  const entry = (key: string, value: number | null): HTMLElement => h("div", {}, h("dt", {}, app.text(key)), h("dd", {}, number(real(value), 6)));
  return h(
    "div",
    { class: "first-difference" },
    h("p", {}, app.text("check.first", { place: `${row.name}[${row.first.join(", ")}]` })),
    h(
      "dl",
      {},
      entry("check.autodiff", row.autodiff),
      entry(hand, row.handwritten),
      row.at_kink ? h("div", {}, h("dt", {}, app.text("check.finite")), h("dd", {}, app.text("check.atKink"))) : entry("check.finite", row.finite_difference),
    ),
  );
}

/** The most elements that are drawn: of larger tensors the part around the first difference. */
const most = 20_000;

/** A part of a tensor: leading axes are fixed at an index until it is small. */
export function part(tensor: Tensor, index: number[]): { tensor: Tensor; fixed: number[] } {
  let { shape, data } = tensor;
  const fixed: number[] = [];
  while (data.length > most && shape.length > 2) {
    const i = index[fixed.length] ?? 0;
    const size = data.length / (shape[0] || 1);
    data = data.subarray(i * size, (i + 1) * size);
    shape = shape.slice(1);
    fixed.push(i);
  }
  return { tensor: { shape, data }, fixed };
}

function difference(a: Tensor, b: Tensor): Tensor {
  return { shape: a.shape, data: Float64Array.from(a.data, (x, i) => (b.data[i] ?? NaN) - x) };
}

const count = (shape: number[]): number => shape.reduce((product, n) => product * n, 1);

/** Autodiff's gradient, the one by hand and their difference, on one scale. */
export function maps(app: App, row: Row, hand = "check.yours"): HTMLElement {
  const { automatic, by_hand } = row;
  const comparable = by_hand !== null && by_hand.shape.join() === automatic.shape.join();
  const shown: [string, Tensor][] = [[app.text("check.autodiff"), automatic]];
  if (by_hand !== null) shown.push([app.text(hand), by_hand]);
  if (by_hand !== null && comparable) shown.push([app.text("check.difference"), difference(automatic, by_hand)]);
  const scale = largest(...shown.map(([, tensor]) => tensor));
  const numbers = h("p", { class: "numbers-here numbers", role: "status" }, app.text("check.point"));
  const fixedText = (fixed: number[]): string => (fixed.length === 0 ? "" : ` [${fixed.join(", ")}, …]`);

  const figures = shown.map(([title, tensor]) => {
    const { tensor: drawn, fixed } = part(tensor, row.first);
    const map = heatMap({
      title: `${title} ${shapeText(tensor.shape)}${fixedText(fixed)}`,
      scale,
      caption: true,
      pixel: pixel(drawn.shape),
      onPoint: (index) => {
        if (index === null) return;
        const full = [...fixed, ...index];
        const at = ([name, of]: [string, Tensor]): string => `${name} ${number(of.data[offsetOf(of.shape, full)] ?? NaN, 5)}`;
        numbers.textContent = `[${full.join(", ")}]  ${(comparable ? shown : shown.filter(([name]) => name === title)).map(at).join("   ")}`;
      },
    });
    map.draw(drawn, scale);
    if (comparable && !row.agrees && row.problem === "") map.mark([markOf(drawn.shape, row.first.slice(fixed.length))]);
    return map.element;
  });
  return h("div", { class: "three-maps" }, h("div", { class: "row top maps" }, ...figures), h("div", { class: "row" }, legend(scale), numbers));
}

function pixel(shape: number[]): number {
  const { rows, columns } = arrange(shape);
  const side = Math.max(rows, columns);
  return Math.max(side > 160 ? 1 : side > 100 ? 2 : 3, Math.min(40, Math.floor(196 / side)));
}

/** A frame around one element, in the coordinates of its plane. */
function markOf(shape: number[], index: number[]): { plane: number; top: number; left: number; bottom: number; right: number } {
  const laid = arrange(shape);
  const offset = offsetOf(shape, index);
  const size = laid.height * laid.width;
  const plane = Math.floor(offset / size);
  const [i = 0, j = 0] = indexOf([laid.height, laid.width], offset % size);
  return { plane, top: i, left: j, bottom: i, right: j };
}

/** Why it is wrong, or at least that it is. */
function reason(app: App, row: Row): string {
  const known = sentence(explanation(row));
  if (row.problem !== "" || row.page !== "") return known;
  return known === "" ? app.text("check.differs") : `${app.text("check.differs")} ${known}.`;
}

/** The whole verdict of one gradient: in one line what is so, then the numbers, then the pictures. */
export function verdict(app: App, row: Row): HTMLElement {
  const banner = row.agrees
    ? h("p", { class: "verdict good" }, h("span", { class: "sign", "aria-hidden": "true" }, "✓"), h("strong", {}, app.text("check.agrees")))
    : h("p", { class: "verdict bad" }, h("span", { class: "sign", "aria-hidden": "true" }, "✗"), h("strong", {}, reason(app, row)));
  return h(
    "div",
    { class: "outcome" },
    banner,
    row.problem === "" ? h("p", { class: "muted numbers" }, app.text("check.relative", { difference: number(real(row.relative), 2) })) : null,
    row.page === "" ? null : h("p", { class: "muted" }, app.text("check.page") + " ", h("code", {}, row.page)),
    firstDifference(app, row),
    count(row.automatic.shape) > 0 ? maps(app, row) : null,
  );
}

/** With a large letter if it begins with a word: f' stays small. */
const sentence = (text: string): string => (/^\p{L}+ /u.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text);
