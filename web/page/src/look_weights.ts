// The weights and the gradients with respect to them.

import type { Text } from "./app";
import { clear, h } from "./dom";
import { formula } from "./formula";
import { heatMap, largest, legend, type HeatMap } from "./heat_map";
import { layerPanels, pixelFor, plain, subject, type Scales } from "./look_layers";
import { arrange } from "./planes";
import type { Recording, Tensor, Value } from "./protocol";

const WIDEST = 240; // elements
const TALLEST = 240;

/** A smaller matrix, each element the one of largest |x| in its block; the tensor itself if it is small enough. */
export function shrunk(tensor: Tensor): { tensor: Tensor; block: [number, number] } {
  const laid = arrange(tensor.shape);
  if (laid.columns <= WIDEST && laid.rows <= TALLEST) return { tensor, block: [1, 1] };
  const rows = tensor.shape[0]!;
  const columns = tensor.data.length / rows;
  const block: [number, number] = [Math.ceil(rows / TALLEST), Math.ceil(columns / WIDEST)];
  const shape = [Math.ceil(rows / block[0]), Math.ceil(columns / block[1])];
  const data = new Float64Array(shape[0]! * shape[1]!);
  for (let i = 0; i < rows; ++i) {
    for (let j = 0; j < columns; ++j) {
      const to = Math.floor(i / block[0]) * shape[1]! + Math.floor(j / block[1]);
      const x = tensor.data[i * columns + j]!;
      if (!(Math.abs(x) <= Math.abs(data[to]!))) data[to] = x;
    }
  }
  return { tensor: { shape, data }, block };
}

export interface Weights {
  element: HTMLElement;
  draw(recording: Recording, scales: Scales): void;
}

export function weightMaps(text: Text): Weights {
  const scalesLine = h("p", { class: "row small scales" });
  const panels = h("div", { class: "layers" });
  let maps = new Map<number, { maps: HeatMap[]; legends: HTMLElement[] }>();
  let built = "";

  function card(value: Value, of: string): HTMLElement {
    const small = shrunk(value.value);
    const pixel = pixelFor(small.tensor.shape);
    const made = [
      text("look.weights-of", { name: value.name }),
      text("look.weights-gradient", { name: value.name, of: plain(of) }),
    ].map((title) => heatMap({ title, scale: 1, pixel }));
    const legends = made.map(() => h("div", { class: "own" }));
    maps.set(value.place, { maps: made, legends });
    const [down, across] = small.block;
    return h(
      "div",
      { class: "card" },
      h(
        "div",
        { class: "row" },
        value.latex === "" ? h("code", {}, value.name) : formula(value.latex),
        h("span", { class: "small muted" }, value.value.shape.join(" × ")),
      ),
      made[0]!.element,
      legends[0]!,
      value.latex === ""
        ? null
        : h("div", { class: "small muted" }, formula(`\\partial ${of} / \\partial ${value.latex}`)),
      made[1]!.element,
      legends[1]!,
      down * across === 1 ? null : h("p", { class: "small muted" }, text("look.shrunk", { down, across })),
    );
  }

  return {
    element: h(
      "section",
      { class: "stack", "aria-label": text("look.weights") },
      h("h3", {}, text("look.weights")),
      h("p", { class: "small muted" }, text("look.weights-help")),
      scalesLine,
      panels,
    ),
    draw(recording, scales) {
      const of = subject(recording);
      const leaves = recording.values.filter((each) => each.op === "" && each.name.includes("."));
      const layers = new Map<string, Value[]>();
      for (const each of leaves) {
        const layer = each.name.slice(0, each.name.lastIndexOf("."));
        layers.set(layer, [...(layers.get(layer) ?? []), each]);
      }
      const structure = JSON.stringify([of, leaves.map((each) => [each.place, each.name, each.value.shape])]);
      if (structure !== built) {
        built = structure;
        maps = new Map();
        clear(panels).append(...layerPanels(layers, (value) => card(value, of)));
      }
      const most = (values: Value[]) => [
        largest(...values.map((each) => each.value)),
        largest(...values.flatMap((each) => each.gradient ?? [])),
      ];
      const one = most(leaves);
      clear(scalesLine);
      if (scales === "one")
        scalesLine.append(
          h("span", {}, text("look.scale-weights")),
          legend(one[0]!),
          h("span", {}, text("look.scale-gradients")),
          legend(one[1]!),
        );
      else scalesLine.append(h("span", {}, text("look.scale-own")));
      for (const layer of layers.values()) {
        const own = scales === "one" ? one : most(layer);
        for (const value of layer) {
          const known = maps.get(value.place)!;
          [value.value, value.gradient].forEach((tensor, k) => {
            known.maps[k]!.element.hidden = tensor === null;
            if (tensor === null) return;
            known.maps[k]!.draw(shrunk(tensor).tensor, own[k]!);
            clear(known.legends[k]!);
            if (scales === "own") known.legends[k]!.append(legend(own[k]!));
          });
        }
      }
    },
  };
}
