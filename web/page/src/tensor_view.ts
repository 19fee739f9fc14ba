// A tensor with its heat map, shape and range.

import type { App } from "./app";
import { h, number } from "./dom";
import { heatMap, largest, legend } from "./heat_map";
import { arrange } from "./planes";
import type { Tensor } from "./protocol";
import "./tensor_view.css";

/** "6 × 28 × 28"; "" for a single number. */
export function shapeText(shape: number[]): string {
  return shape.join(" × ");
}

export function range(tensor: Tensor): { low: number; high: number } {
  let low = Infinity;
  let high = -Infinity;
  for (const x of tensor.data) {
    if (x < low) low = x;
    if (x > high) high = x;
  }
  return { low, high };
}

function planesOf({ shape }: Tensor): number {
  return shape.slice(0, -2).reduce((product, each) => product * each, 1);
}

/** The first planes of a tensor, at most `most`: the kernels of a layer may be thousands. */
function firstPlanes(tensor: Tensor, most: number): { tensor: Tensor; planes: number } {
  const [height = 1, width = 1] = tensor.shape.slice(-2);
  const plane = height * width;
  const planes = tensor.shape.length < 3 || plane === 1 ? 1 : Math.round(tensor.data.length / Math.max(plane, 1));
  if (planes <= most) return { tensor, planes };
  const maps = tensor.shape.at(-3) ?? 1;
  const lead = maps > 1 && maps <= most ? [Math.floor(most / maps), maps] : [most];
  const count = lead.reduce((product, each) => product * each, 1);
  return { tensor: { shape: [...lead, height, width], data: tensor.data.subarray(0, count * plane) }, planes };
}

export interface TensorOptions {
  title: string; // for those who do not see the map
  caption: (Node | string)[];
  scale?: number; // the largest |x| of the tensor, if it is left out
  most?: number; // planes
  size?: number; // about how large the map shall be, in pixels
  legend?: boolean;
  facts?: boolean; // shape and range, unless false
  mark?: string; // "v7" for the value of place 7, "g7" for its gradient: for lighting up
}

/** A figure: the map (or the number), what it is, its shape and its range. */
export function tensorView(app: App, tensor: Tensor, options: TensorOptions): HTMLElement {
  const caption = h("figcaption", {}, h("span", { class: "what" }, ...options.caption));
  const attributes = { class: "tensor", ...(options.mark === undefined ? {} : { "data-mark": options.mark }) };
  if (tensor.data.length === 1) return h("figure", attributes, h("div", { class: "single numbers" }, number(tensor.data[0] ?? NaN, 5)), caption);

  const scale = options.scale ?? largest(tensor);
  const first = firstPlanes(tensor, options.most ?? 32);
  const { rows, columns } = arrange(first.tensor.shape);
  const pixel = Math.max(1, Math.min(14, Math.floor((options.size ?? 150) / Math.max(rows, columns))));
  const map = heatMap({ title: options.title, scale, caption: false, pixel });
  map.draw(first.tensor);
  const { low, high } = range(tensor);
  if (options.facts !== false) caption.append(h("span", { class: "facts numbers" }, `${shapeText(tensor.shape)} · ${number(low, 3)} … ${number(high, 3)}`));
  if (first.tensor !== tensor)
    caption.append(h("span", { class: "facts" }, app.text("steps.planes", { shown: planesOf(first.tensor), all: first.planes })));
  return h("figure", attributes, h("div", { class: "map" }, map.element), options.legend ? legend(scale) : null, caption);
}
