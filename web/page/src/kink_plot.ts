// A function along one value, with the slope of autodiff and that of a finite difference.

import { number, svg } from "./dom";

export interface KinkPlot {
  element: SVGElement;
  draw(of: { f: (v: number) => number; at: number; step: number; slope: number; finite: number; label: string; symbol: string }): void;
}

const size = { width: 420, height: 300, left: 40, right: 12, top: 12, bottom: 34 };

/** Both axes go from `low` to `high`. */
export function makeKinkPlot(low: number, high: number, texts: { axis: string }, onDrag: (v: number) => void): KinkPlot {
  const element = svg("svg", { viewBox: `0 0 ${size.width} ${size.height}`, class: "kink-plot", role: "img" });
  const x = (v: number): number => size.left + ((v - low) / (high - low)) * (size.width - size.left - size.right);
  const y = (v: number): number => size.height - size.bottom - ((v - low) / (high - low)) * (size.height - size.top - size.bottom);
  const line = (name: string, x1: number, y1: number, x2: number, y2: number): SVGElement => svg("line", { class: name, x1: x(x1), y1: y(y1), x2: x(x2), y2: y(y2) });
  const label = (name: string, atX: number, atY: number, text: string): SVGElement => svg("text", { class: name, x: atX, y: atY }, text);

  let dragging = false;
  const drag = (event: PointerEvent): void => {
    const box = element.getBoundingClientRect();
    const inside = ((event.clientX - box.left) / box.width) * size.width;
    const v = low + ((inside - size.left) / (size.width - size.left - size.right)) * (high - low);
    onDrag(Math.min(high, Math.max(low, Math.round(v * 20) / 20)));
  };
  element.addEventListener("pointerdown", (event) => {
    dragging = true;
    element.setPointerCapture(event.pointerId);
    drag(event);
  });
  element.addEventListener("pointermove", (event) => {
    if (dragging) drag(event);
  });
  for (const kind of ["pointerup", "pointercancel"] as const) element.addEventListener(kind, () => (dragging = false));

  return {
    element,
    draw({ f, at, step, slope, finite, label: spoken, symbol }) {
      const points: string[] = [];
      const pieces = 200;
      for (let i = 0; i <= pieces; ++i) {
        const v = low + ((high - low) * i) / pieces;
        points.push(`${x(v).toFixed(1)},${y(f(v)).toFixed(1)}`);
      }
      const ticks = [low, 0, high];
      const reach = 0.5;
      element.setAttribute("aria-label", spoken);
      element.replaceChildren(
        ...ticks.flatMap((v) => [
          line("grid-line", v, low, v, high),
          line("grid-line", low, v, high, v),
          label("tick middle", x(v), size.height - size.bottom + 16, number(v)),
          label("tick end", size.left - 6, y(v) + 4, number(v)),
        ]),
        label("tick end", size.width - size.right, size.height - 4, symbol),
        label("tick", size.left + 6, size.top + 10, texts.axis),
        svg("polyline", { class: "curve", points: points.join(" ") }),
        svg("rect", { class: "span", x: x(at - step), y: size.top, width: x(at + step) - x(at - step), height: size.height - size.top - size.bottom }),
        line("slope finite", at - reach - 0.15, f(at - step) - finite * (reach + 0.15 - step), at + reach + 0.15, f(at - step) + finite * (reach + 0.15 + step)),
        line("slope autodiff", at - reach, f(at) - slope * reach, at + reach, f(at) + slope * reach),
        ...[at - step, at + step].map((v) => svg("circle", { class: "end", cx: x(v), cy: y(f(v)), r: 4 })),
        svg("circle", { class: "point", cx: x(at), cy: y(f(at)), r: 6 }),
      );
    },
  };
}
