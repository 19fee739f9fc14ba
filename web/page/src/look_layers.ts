// Every map of every layer, and the gradient with respect to it.

import type { Text } from "./app";
import { clear, h } from "./dom";
import { formula } from "./formula";
import { heatMap, largest, legend, type HeatMap } from "./heat_map";
import { letterOf } from "./letters";
import { arrange, corner, placeAt } from "./planes";
import type { Recording, Unit, Value } from "./protocol";

/** A panel for each layer, with a card for each of its values. */
export function layerPanels(layers: Map<string, Value[]>, card: (value: Value, layer: string) => HTMLElement): HTMLElement[] {
  return [...layers].map(([name, values]) => {
    const title = name.toUpperCase();
    const cards = values.map((value) => card(value, title));
    return h("section", { class: "panel layer" }, h("h4", {}, title), h("div", { class: "cards" }, ...cards));
  });
}

/** The element of a value that somebody looks at. */
export interface Looked {
  place: number;
  index: number[];
}

export type Scales = "one" | "own";

export interface Layers {
  element: HTMLElement;
  draw(recording: Recording, options: { scales: Scales; inner: boolean }): void;
  /** Frames a unit and what it reads. */
  frame(looked: Looked | null, unit: Unit | null): void;
}

interface Card {
  value: Value;
  maps: HeatMap[]; // the value, its gradient
  legends: HTMLElement[];
}

/** A letter without LaTeX. */
export const plain = (latex: string) => latex.replace(/[\\{}^_]/g, "");

const count = (value: Value) => value.value.data.length;

/** The letter of what was differentiated: E, or o_3 for the output of class 3. */
export function subject(recording: Recording): string {
  return recording.of === "loss" ? "E" : `o_{${recording.of.replace(/\D/g, "")}}`;
}

/** The values with a letter that an op made, layer by layer. */
export function lettered(recording: Recording, inner: boolean): Map<string, Value[]> {
  const layers = new Map<string, Value[]>();
  for (const value of recording.values) {
    if (value.op === "" || value.latex === "" || value.layer === "" || count(value) < 2) continue;
    const layer = layers.get(value.layer);
    if (layer === undefined) layers.set(value.layer, [value]);
    else if (layer.some((each) => each.latex === value.latex))
      layer[layer.findIndex((each) => each.latex === value.latex)] = value;
    else layer.push(value);
  }
  if (!inner)
    for (const [name, values] of layers)
      layers.set(name, [values.filter((each) => each.gradient !== null).at(-1) ?? values.at(-1)!]);
  return layers;
}

/** CSS pixels for each element, so that all pictures are about equally wide. */
export function pixelFor(shape: number[], wide = innerWidth > 2200 ? 264 : 176): number {
  const { rows, columns } = arrange(shape);
  return Math.max(1, Math.min(16, Math.floor(wide / columns), Math.floor((1.8 * wide) / rows)));
}

export function layerMaps(
  text: Text,
  onPoint: (looked: Looked | null) => void,
  onPick: (looked: Looked) => void,
): Layers {
  const scalesLine = h("p", { class: "row small scales" });
  const panels = h("div", { class: "layers" });
  let cards = new Map<number, Card>();
  let built = "";

  function card(value: Value, layer: string, of: string): HTMLElement {
    const map = (title: string) =>
      heatMap({
        title,
        scale: 1,
        pixel: pixelFor(value.value.shape),
        onPoint: (index) => onPoint(index === null ? null : { place: value.place, index }),
        onPick: (index) => onPick({ place: value.place, index }),
      });
    const name = plain(letterOf(value));
    const maps = [
      map(text("look.map", { layer, name })),
      ...(value.gradient === null ? [] : [map(text("look.map-gradient", { layer, name, of: plain(of) }))]),
    ];
    const legends = maps.map(() => h("div", { class: "own" }));
    cards.set(value.place, { value, maps, legends });
    const shape = value.value.shape.filter((each, axis) => axis > 0 || each > 1).join(" × ");
    return h(
      "div",
      { class: "card" },
      h("div", { class: "row" }, formula(letterOf(value)), h("span", { class: "small muted" }, shape)),
      maps[0]!.element,
      legends[0]!,
      ...(maps[1] === undefined
        ? [h("p", { class: "small muted" }, text("look.no-gradient"))]
        : [
            h("div", { class: "small muted" }, formula(`\\partial ${of} / \\partial ${letterOf(value)}`)),
            maps[1].element,
            legends[1]!,
          ]),
    );
  }

  return {
    element: h(
      "section",
      { class: "stack", "aria-label": text("look.layers") },
      h("h3", {}, text("look.layers")),
      h("p", { class: "small muted" }, text("look.layers-help")),
      scalesLine,
      panels,
    ),
    draw(recording, { scales, inner }) {
      const layers = lettered(recording, inner);
      const of = subject(recording);
      const structure = JSON.stringify([
        of,
        [...layers].map(([name, values]) => [
          name,
          values.map((each) => [each.place, each.latex, each.value.shape, each.gradient === null]),
        ]),
      ]);
      if (structure !== built) {
        built = structure;
        cards = new Map();
        clear(panels).append(...layerPanels(layers, (value, layer) => card(value, layer, of)));
      }
      const all = [...layers.values()].flat();
      const values = largest(...all.map((each) => each.value));
      const gradients = largest(...all.flatMap((each) => each.gradient ?? []));
      clear(scalesLine);
      if (scales === "one")
        scalesLine.append(
          h("span", {}, text("look.scale-values")),
          legend(values),
          h("span", {}, text("look.scale-gradients")),
          legend(gradients),
        );
      else scalesLine.append(h("span", {}, text("look.scale-own")));
      for (const layer of layers.values()) {
        const own = [
          largest(...layer.map((each) => each.value)),
          largest(...layer.flatMap((each) => each.gradient ?? [])),
        ];
        for (const value of layer) {
          const known = cards.get(value.place);
          if (known === undefined) continue;
          known.value = value;
          [value.value, value.gradient].forEach((tensor, k) => {
            const map = known.maps[k];
            if (map === undefined || tensor === null) return;
            const scale = scales === "one" ? [values, gradients][k]! : own[k]!;
            map.draw(tensor, scale);
            clear(known.legends[k]!);
            if (scales === "own") known.legends[k]!.append(legend(scale));
          });
        }
      }
    },
    frame(looked, unit) {
      for (const known of cards.values()) for (const map of known.maps) map.mark([]);
      if (looked === null) return;
      const own = cards.get(looked.place);
      own?.maps.forEach((map) => map.mark(boxes(own.value, [looked.index])));
      const read = unit === null ? undefined : cards.get(unit.input);
      if (unit !== null && read !== undefined && unit.input !== looked.place)
        read.maps[0]?.mark(
          boxes(
            read.value,
            unit.terms.map((term) => term.index),
          ),
        );
    },
  };
}

/** The smallest frames around elements of a value, one in each plane. */
function boxes(
  value: Value,
  indices: number[][],
): { plane: number; top: number; left: number; bottom: number; right: number }[] {
  const { shape } = value.value;
  const laid = arrange(shape);
  const found = new Map<number, { plane: number; top: number; left: number; bottom: number; right: number }>();
  for (const index of indices) {
    const offset = index.reduce((sum, each, axis) => sum * (shape[axis] ?? 1) + each, 0);
    const plane = Math.floor(offset / (laid.height * laid.width));
    const start = corner(laid, plane);
    const place = placeAt(laid, offset);
    const [row, column] = [place.row - start.row, place.column - start.column];
    const box = found.get(plane);
    if (box === undefined) found.set(plane, { plane, top: row, left: column, bottom: row, right: column });
    else
      Object.assign(box, {
        top: Math.min(box.top, row),
        left: Math.min(box.left, column),
        bottom: Math.max(box.bottom, row),
        right: Math.max(box.right, column),
      });
  }
  return [...found.values()];
}
