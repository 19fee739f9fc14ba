// Charts on canvas: points and lines over two axes whose numbers are written beside them.

import { onColours } from "./colours";
import { h } from "./dom";

export type Point = readonly [across: number, up: number];

export interface Chart {
  across: { from: number; to: number; whole?: boolean };
  up: { from: number; to: number; logarithmic?: boolean };
  dots?: readonly Point[];
  line?: readonly Point[];
  /** Points with their numbers. */
  named?: readonly { at: Point; name: string }[];
  /** Upright lines. */
  rules?: readonly number[];
  /** What somebody who does not see it is told. */
  description: string;
}

export interface ChartView {
  element: HTMLElement;
  show(chart: Chart): void;
}

/** Round numbers from `from` to `to`, about `count` of them. */
export function ticks(from: number, to: number, count: number, whole = false): number[] {
  const rough = (to - from) / Math.max(count, 1);
  if (!(rough > 0) || !Number.isFinite(rough)) return [from];
  const power = 10 ** Math.floor(Math.log10(rough));
  let step = [1, 2, 5, 10].map((digit) => digit * power).find((size) => size >= rough * 0.999) ?? 10 * power;
  if (whole) step = Math.max(1, Math.round(step));
  const all: number[] = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to * (1 + 1e-9); ++i) all.push(Number((i * step).toPrecision(12)));
  return all;
}

/** The next of 1, 2, 5, 10, 20, … that is not smaller. */
export function roundUp(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5].map((digit) => digit * power).find((size) => size >= value * 0.999999) ?? 10 * power;
}

function powersOfTen(from: number, to: number): number[] {
  const all: number[] = [];
  const wide = to / from > 1e3;
  for (let power = Math.floor(Math.log10(from)); power <= Math.log10(to) + 1e-9; ++power) {
    for (const digit of wide ? [1] : [1, 2, 5]) {
      const value = Number(`${digit}e${power}`);
      if (value >= from * 0.999 && value <= to * 1.001) all.push(value);
    }
  }
  return all;
}

const short = (value: number): string => {
  const plain = Math.abs(value) >= 1000 ? `${Number((value / 1000).toPrecision(4))}k` : String(Number(value.toPrecision(4)));
  return plain.replace("-", "−");
};

/** Colours as the canvas understands them: those of the custom properties where the element is. */
function colours(element: HTMLElement, names: readonly string[]): string[] {
  const probe = h("span", { hidden: true });
  element.append(probe);
  const found = names.map((name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  });
  probe.remove();
  return found;
}

/** Draws again when the page has another width. */
const redrawn = new WeakMap<Element, () => void>();
const sizes = new ResizeObserver((entries) => entries.forEach((entry) => redrawn.get(entry.target)?.()));

/** An empty chart under its title. `up` and `across` are written at the axes. */
export function chartView(title: string, up: string, across: string): ChartView {
  const canvas = h("canvas", { role: "img", "aria-label": title });
  const frame = h("div", { class: "chart-frame" }, canvas);
  const element = h(
    "figure",
    { class: "chart" },
    h("figcaption", {}, title),
    h("div", { class: "chart-up small muted", "aria-hidden": "true" }, up),
    frame,
    h("div", { class: "chart-across small muted", "aria-hidden": "true" }, across),
  );
  let shown: Chart | null = null;
  let planned = false;
  const draw = () => {
    planned = false;
    if (shown !== null && frame.clientWidth > 0) paint(canvas, frame, shown);
  };
  onColours(element, draw);
  redrawn.set(frame, draw);
  sizes.observe(frame);
  return {
    element,
    show(chart) {
      shown = chart;
      canvas.setAttribute("aria-label", `${title}. ${chart.description}`);
      if (!planned) requestAnimationFrame(draw);
      planned = true;
    },
  };
}

function paint(canvas: HTMLCanvasElement, frame: HTMLElement, chart: Chart): void {
  const dense = window.devicePixelRatio || 1;
  const width = frame.clientWidth;
  const height = frame.clientHeight;
  canvas.width = Math.round(width * dense);
  canvas.height = Math.round(height * dense);
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.scale(dense, dense);

  const style = getComputedStyle(frame);
  const size = parseFloat(style.fontSize);
  const [ink, muted, grid, accent] = colours(frame, ["--ink", "--muted", "--line", "--accent"]);
  context.font = `${size}px ${style.fontFamily}`;
  context.textBaseline = "middle";

  const { across, up } = chart;
  const upTicks = up.logarithmic ? powersOfTen(up.from, up.to) : ticks(up.from, up.to, Math.max(2, height / 45));
  const left = Math.max(...upTicks.map((tick) => context.measureText(short(tick)).width), 2 * size) + 0.7 * size;
  const [top, right, bottom] = [0.8 * size, 1.2 * size, 1.7 * size];
  const place = up.logarithmic ? Math.log : (value: number) => value;
  const x = (value: number) => left + ((value - across.from) / (across.to - across.from || 1)) * (width - left - right);
  const y = (value: number) => height - bottom - ((place(value) - place(up.from)) / (place(up.to) - place(up.from) || 1)) * (height - top - bottom);
  const inside = ([, value]: Point) => Number.isFinite(value) && (!up.logarithmic || value > 0);

  context.lineWidth = 1;
  context.strokeStyle = grid;
  context.fillStyle = muted;
  context.textAlign = "right";
  for (const tick of upTicks) {
    const at = Math.round(y(tick)) + 0.5;
    stroke(context, [left, at], [width - right, at]);
    context.fillText(short(tick), left - 0.5 * size, y(tick));
  }
  context.textAlign = "center";
  for (const tick of ticks(across.from, across.to, Math.min(8, width / 70), across.whole)) context.fillText(short(tick), x(tick), height - 0.7 * size);
  for (const rule of chart.rules ?? []) {
    const at = Math.round(x(rule)) + 0.5;
    stroke(context, [at, top], [at, height - bottom]);
  }

  context.save();
  context.beginPath();
  context.rect(left - 4, top - 4, width - left - right + 8, height - top - bottom + 8);
  context.clip();
  context.fillStyle = muted;
  context.globalAlpha = 0.6;
  for (const dot of chart.dots ?? []) if (inside(dot)) context.fillRect(x(dot[0]) - 1.5, y(dot[1]) - 1.5, 3, 3);
  context.globalAlpha = 1;
  context.strokeStyle = accent;
  context.lineWidth = 2;
  context.lineJoin = "round";
  context.beginPath();
  for (const point of chart.line ?? []) if (inside(point)) context.lineTo(x(point[0]), y(point[1]));
  context.stroke();
  context.restore();

  context.fillStyle = accent;
  for (const { at } of chart.named ?? []) {
    context.beginPath();
    context.arc(x(at[0]), y(at[1]), 3.5, 0, 2 * Math.PI);
    context.fill();
  }
  context.fillStyle = ink;
  let free = -Infinity;
  for (const { at, name } of chart.named ?? []) {
    const wide = context.measureText(name).width;
    const centre = Math.min(x(at[0]), width - wide / 2);
    if (centre - wide / 2 < free) continue;
    free = centre + wide / 2 + 0.4 * size;
    const above = y(at[1]) - size;
    context.fillText(name, centre, above < top ? y(at[1]) + size : above);
  }
}

function stroke(context: CanvasRenderingContext2D, from: Point, to: Point): void {
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}
