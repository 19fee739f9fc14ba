// Tensors as pictures.

import { h, number, uniqueId } from "./dom";
import { arrange, corner, indexOf, offsetAt, placeAt, shownIndex, type Arrangement } from "./planes";
import { painter, onColours } from "./colours";
import type { Tensor } from "./protocol";
import { text } from "./texts";
import { hideTip, showTip } from "./tip";
import "./heat_map.css";

export interface HeatMapOptions {
  title: string; // the text for everybody who does not see it, and the caption
  /** |x| of the strongest colour. The same for all maps that are compared. */
  scale: number;
  /** "signed": blue for negative, red for positive, nothing for 0. "ink": 0 to scale, as a digit. */
  colours?: "signed" | "ink";
  /** CSS pixels of an element, at least. */
  pixel?: number;
  /** Called with the index of the element under the pointer or the keyboard's cursor; null when it leaves. */
  onPoint?: (index: number[] | null) => void;
  onPick?: (index: number[]) => void;
  caption?: boolean;
}

export interface HeatMap {
  element: HTMLElement;
  draw(tensor: Tensor, scale?: number): void;
  /** Frames elements, in the coordinates of a plane: of the map itself or of those of a grid. */
  mark(marks: { plane?: number; top: number; left: number; bottom: number; right: number }[]): void;
}

/** The largest |x|, 1 if all are 0 or there are none. */
export function largest(...tensors: Tensor[]): number {
  let most = 0;
  for (const { data } of tensors) {
    for (const x of data) {
      const size = Math.abs(x);
      if (size > most && size < Infinity) most = size;
    }
  }
  return most === 0 ? 1 : most;
}

function summary(title: string, tensor: Tensor): string {
  let low = Infinity;
  let high = -Infinity;
  let strange = 0;
  for (const x of tensor.data) {
    if (!Number.isFinite(x)) ++strange;
    else {
      low = Math.min(low, x);
      high = Math.max(high, x);
    }
  }
  const shape = tensor.shape.join(" × ") || "1";
  const all =
    low > high
      ? text("map.empty", { title, shape })
      : text("map.summary", { title, shape, low: number(low, 3), high: number(high, 3) });
  return strange === 0 ? all : `${all} ${text("map.strange", { count: strange })}`;
}

// Pictures far from what is seen are painted when they come near.
const near = new WeakMap<Element, (is: boolean) => void>();
const watcher =
  typeof IntersectionObserver === "undefined"
    ? null
    : new IntersectionObserver((entries) => entries.forEach((each) => near.get(each.target)?.(each.isIntersecting)), {
        rootMargin: "400px",
      });

const GAP = 3; // pixels between planes, but at most an element

const MOVES: Record<string, [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** A tensor of up to two axes is one plane; of more, a grid of planes. A leading axis of 1 is left out. */
export function heatMap(options: HeatMapOptions): HeatMap {
  const colours = options.colours ?? "signed";
  const active = options.onPoint !== undefined || options.onPick !== undefined;
  const canvas = h("canvas", {
    class: "pixels",
    role: active ? "application" : "img",
    tabindex: active ? 0 : null,
    "aria-label": options.title,
  });
  const marks = h("div", { class: "marks", "aria-hidden": "true" });
  const cursor = h("div", { class: "cursor", hidden: true, "aria-hidden": "true" });
  const frame = h("div", { class: "frame" }, canvas, marks, cursor);
  const caption = options.caption ? h("figcaption", { id: uniqueId("map") }, options.title) : null;
  const element = h("figure", { class: "heat-map" }, h("div", { class: "scroll" }, frame), caption);
  if (active) canvas.setAttribute("aria-roledescription", text("map.kind"));

  let tensor: Tensor = { shape: [0], data: new Float32Array(0) };
  let scale = options.scale;
  let laid: Arrangement = arrange([1]);
  let pixel = 1; // canvas pixels of an element
  let at = -1; // offset of the element under the cursor

  let isNear = watcher === null;
  let waits = false; // to be painted
  near.set(element, (is) => {
    isNear = is;
    if (is && waits) paint();
  });
  watcher?.observe(element);

  function paint(): void {
    waits = !isNear;
    if (waits) return;
    canvas.setAttribute("aria-label", summary(options.title, tensor));
    const context = canvas.getContext("2d");
    if (context === null) return;
    const image = context.createImageData(canvas.width, canvas.height);
    const pixels = new Uint32Array(image.data.buffer);
    const colour = painter(colours, scale);
    for (let offset = 0; offset < tensor.data.length; ++offset) {
      const place = placeAt(laid, offset);
      const start = Math.round(place.row * pixel) * canvas.width + Math.round(place.column * pixel);
      const value = colour(tensor.data[offset]!);
      for (let row = 0; row < pixel; ++row) {
        pixels.fill(value, start + row * canvas.width, start + row * canvas.width + pixel);
      }
    }
    context.putImageData(image, 0, 0);
  }

  function box(element: HTMLElement, row: number, column: number, rows: number, columns: number): void {
    element.style.left = `${(100 * column) / laid.columns}%`;
    element.style.top = `${(100 * row) / laid.rows}%`;
    element.style.width = `${(100 * columns) / laid.columns}%`;
    element.style.height = `${(100 * rows) / laid.rows}%`;
  }

  function point(offset: number, spoken: boolean): void {
    if (offset === at) return;
    at = offset;
    cursor.hidden = offset < 0;
    if (offset < 0) {
      hideTip();
      options.onPoint?.(null);
      return;
    }
    const index = indexOf(tensor.shape, offset);
    const place = placeAt(laid, offset);
    box(cursor, place.row, place.column, 1, 1);
    showTip(
      cursor,
      text("map.at", { index: shownIndex(tensor.shape, index), value: number(tensor.data[offset]!) }),
      spoken,
    );
    options.onPoint?.(index);
  }

  function under(event: MouseEvent): number {
    const bounds = canvas.getBoundingClientRect();
    const row = ((event.clientY - bounds.top) / bounds.height) * laid.rows;
    const column = ((event.clientX - bounds.left) / bounds.width) * laid.columns;
    return offsetAt(laid, row, column);
  }

  canvas.addEventListener("pointermove", (event) => point(under(event), false));
  canvas.addEventListener("pointerdown", (event) => point(under(event), false));
  canvas.addEventListener("pointerleave", () => point(-1, false));
  if (active) {
    canvas.addEventListener("click", (event) => {
      const offset = under(event);
      if (offset >= 0) options.onPick?.(indexOf(tensor.shape, offset));
    });
    canvas.addEventListener("focus", () => {
      if (canvas.matches(":focus-visible") && at < 0 && tensor.data.length > 0) point(0, true);
    });
    canvas.addEventListener("blur", () => point(-1, false));
    canvas.addEventListener("keydown", (event) => {
      const move = MOVES[event.key];
      if (move !== undefined) {
        const from = placeAt(laid, Math.max(0, at));
        let row = from.row + 0.5 + move[0];
        let column = from.column + 0.5 + move[1];
        if (offsetAt(laid, row, column) < 0) {
          row += move[0] * laid.gap;
          column += move[1] * laid.gap;
        }
        const to = offsetAt(laid, row, column);
        if (to >= 0) point(to, true);
      } else if (event.key === "Home") point(0, true);
      else if (event.key === "End") point(tensor.data.length - 1, true);
      else if (event.key === "Escape") point(-1, true);
      else if ((event.key === "Enter" || event.key === " ") && at >= 0) options.onPick?.(indexOf(tensor.shape, at));
      else return;
      event.preventDefault();
    });
  }
  onColours(element, paint);

  return {
    element,
    draw(next, newScale) {
      const moved = next.shape.join() !== tensor.shape.join();
      tensor = next;
      scale = newScale ?? scale;
      if (moved) {
        laid = arrange(next.shape);
        const size = options.pixel ?? Math.max(1, Math.min(12, Math.floor(112 / Math.max(laid.rows, laid.columns))));
        pixel = Math.max(1, Math.floor(size));
        laid = arrange(next.shape, Math.min(1, GAP / pixel));
        canvas.width = Math.round(laid.columns * pixel);
        canvas.height = Math.round(laid.rows * pixel);
        frame.style.width = `${laid.columns * size}px`;
        frame.style.aspectRatio = `${laid.columns} / ${laid.rows}`;
        point(-1, false);
      }
      paint();
    },
    mark(list) {
      marks.replaceChildren(
        ...list.map(({ plane, top, left, bottom, right }) => {
          const start = corner(laid, plane ?? 0);
          const mark = h("div", { class: "mark" });
          box(mark, start.row + top, start.column + left, bottom - top + 1, right - left + 1);
          return mark;
        }),
      );
    },
  };
}

/** A bar with the colours from −scale to scale and their numbers. */
export function legend(scale: number, colours: "signed" | "ink" = "signed"): HTMLElement {
  const [low, high] = [colours === "signed" ? number(-scale, 3) : "0", number(scale, 3)];
  return h(
    "span",
    { class: "legend", role: "img", "aria-label": text("map.legend", { low, high }) },
    h("span", { class: "numbers" }, low),
    h("span", { class: `ramp ${colours}` }),
    h("span", { class: "numbers" }, high),
  );
}
