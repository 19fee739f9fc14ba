// The histogram of a gradient: how many of its numbers lie where, on an axis with 0 in its middle.

import { roundUp } from "./charts";
import { h, number, svg } from "./dom";

export interface Counts {
  low: number;
  high: number;
  counts: number[];
}

export interface Histogram {
  element: HTMLElement;
  /** `scale`: the axis goes from −scale to scale. */
  show(counts: Counts, scale: number, description: string): void;
}

const width = 100;
const height = 44;

/** The end of an axis that holds a number. It stays as it is while the number moves a little. */
export function steadyScale(before: number, largest: number): number {
  if (!(largest > 0) || !Number.isFinite(largest)) return before;
  return largest > before || largest < before / 6 ? roundUp(largest * 1.2) : before;
}

export function largestOf({ low, high }: Counts): number {
  return Math.max(Math.abs(low), Math.abs(high));
}

export function histogram(name: string): Histogram {
  const bars = svg("path", { class: "bars" });
  const zero = svg("path", { class: "zero", d: `M${width / 2} 0V${height}` });
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": name }, zero, bars);
  const [least, most] = [h("span"), h("span")];
  const element = h(
    "figure",
    { class: "histogram" },
    h("figcaption", {}, name),
    picture,
    h("div", { class: "histogram-axis small muted", "aria-hidden": "true" }, least, h("span", {}, "0"), most),
  );
  return {
    element,
    show({ low, high, counts }, scale, description) {
      picture.setAttribute("aria-label", description);
      least.textContent = number(-scale, 2);
      most.textContent = number(scale, 2);
      bars.setAttribute("d", outline(low, high, counts, scale));
    },
  };
}

function outline(low: number, high: number, counts: number[], scale: number): string {
  const tallest = Math.max(...counts);
  if (!(tallest > 0) || !(scale > 0) || !Number.isFinite(low + high)) return "";
  const x = (value: number) => (((value + scale) / (2 * scale)) * width).toFixed(2);
  if (low === high) return `M${x(low)} ${height}V0h0.8V${height}Z`;
  const parts = [`M${x(low)} ${height}`];
  counts.forEach((count, i) => {
    parts.push(`V${(height * (1 - count / tallest)).toFixed(2)}H${x(low + ((high - low) * (i + 1)) / counts.length)}`);
  });
  return parts.join("") + `V${height}Z`;
}
