// How much the tape holds after each step: it grows on the way forward and shrinks on the way back.

import type { App } from "./app";
import { clear, h, svg } from "./dom";
import { bytesText } from "./ops";
import type { Recording } from "./protocol";
import { memoryChange } from "./step_card";

export interface MemoryChart {
  element: HTMLElement;
  show(step: number): void;
}

const height = 84;
const top = 14;
const bottom = 16;

export function memoryChart(app: App, recording: Recording, onStep: (step: number) => void): MemoryChart {
  const { steps } = recording;
  const most = Math.max(1, ...steps.map((step) => step.bytes));
  const turn = Math.max(0, steps.findIndex((step) => step.kind === "rule"));
  const picture = h("div", { class: "drawing", "aria-hidden": "true" });
  const now = h("span", { class: "numbers" });
  const changed = h("span", { class: "numbers" });
  const element = h("div", { class: "memory" }, h("div", { class: "row small" }, h("span", { class: "label" }, app.text("steps.memory")), h("span", { class: "row" }, changed, now)), picture);
  let width = 0;
  let current = 0;
  let cursor: SVGElement | null = null;
  let dot: SVGElement | null = null;

  const x = (step: number) => (step / steps.length) * width;
  const y = (bytes: number) => top + (1 - bytes / most) * (height - top - bottom);

  function area(from: number, to: number): string {
    let path = `M ${x(from)} ${y(0)}`;
    for (let step = from; step < to; ++step) path += ` V ${y(steps[step]?.bytes ?? 0)} H ${x(step + 1)}`;
    return `${path} V ${y(0)} Z`;
  }

  function draw(): void {
    cursor = svg("line", { class: "cursor", y1: top - 6, y2: y(0) });
    dot = svg("circle", { class: "dot", r: 4 });
    const chart = svg(
      "svg",
      { width, height, viewBox: `0 0 ${width} ${height}` },
      svg("path", { class: "held forward", d: area(0, turn) }),
      svg("path", { class: "held back", d: area(turn, steps.length) }),
      svg("line", { class: "axis", x1: 0, x2: width, y1: y(0), y2: y(0) }),
      svg("line", { class: "axis most", x1: 0, x2: width, y1: y(most), y2: y(most) }),
      svg("text", { x: 2, y: y(most) - 4 }, bytesText(most)),
      svg("text", { x: x(turn) / 2, y: height - 3, "text-anchor": "middle" }, app.text("steps.forward")),
      svg("text", { x: (x(turn) + width) / 2, y: height - 3, "text-anchor": "middle" }, app.text("steps.backward")),
      cursor,
      dot,
    );
    clear(picture).append(chart);
    show(current);
  }

  function show(step: number): void {
    current = step;
    clear(changed).append(memoryChange(app, recording, step) ?? "");
    now.textContent = app.text("steps.held", { bytes: bytesText(steps[step]?.bytes ?? 0) });
    for (const name of ["x1", "x2"]) cursor?.setAttribute(name, String(x(step + 0.5)));
    dot?.setAttribute("cx", String(x(step + 0.5)));
    dot?.setAttribute("cy", String(y(steps[step]?.bytes ?? 0)));
  }

  picture.addEventListener("click", (event) => {
    const at = (event.clientX - picture.getBoundingClientRect().left) / Math.max(width, 1);
    onStep(Math.max(0, Math.min(steps.length - 1, Math.floor(at * steps.length))));
  });
  new ResizeObserver(() => {
    if (picture.clientWidth === width || picture.clientWidth === 0) return;
    width = picture.clientWidth;
    draw();
  }).observe(picture);
  return { element, show };
}
