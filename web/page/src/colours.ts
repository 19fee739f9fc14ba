// The colours of numbers, read from the style sheet so that they fit a light and a dark page.

import { h } from "./dom";

type Rgb = [number, number, number];

const NAMES = ["panel", "ink", "negative", "positive", "strange"] as const;
type Name = (typeof NAMES)[number];

let known: Record<Name, Rgb> | null = null;

function parts(colour: string): Rgb {
  const found = (colour.match(/[\d.]+/g) ?? ["0", "0", "0"]).map(Number);
  return [found[0]!, found[1]!, found[2]!];
}

function read(): Record<Name, Rgb> {
  const probe = h("span", { hidden: true });
  document.body.append(probe);
  const colours = Object.fromEntries(
    NAMES.map((name) => {
      probe.style.color = `var(--${name})`;
      return [name, parts(getComputedStyle(probe).color)];
    }),
  ) as Record<Name, Rgb>;
  probe.remove();
  return colours;
}

function pack(from: Rgb, to: Rgb, share: number): number {
  const mix = (k: 0 | 1 | 2) => Math.round(from[k] + (to[k] - from[k]) * share);
  return ((255 << 24) | (mix(2) << 16) | (mix(1) << 8) | mix(0)) >>> 0;
}

const STEPS = 255;

/** A function from a number to its colour, as a little-endian pixel. The strength grows linearly up to `scale`. */
export function painter(colours: "signed" | "ink", scale: number): (x: number) => number {
  const rgb = (known ??= read());
  const ramp = (to: Name) => Uint32Array.from({ length: STEPS + 1 }, (_, k) => pack(rgb.panel, rgb[to], k / STEPS));
  const above = ramp(colours === "ink" ? "ink" : "positive");
  const below = colours === "ink" ? ramp("panel") : ramp("negative");
  const strange = pack(rgb.strange, rgb.strange, 0);
  return (x) => {
    if (!Number.isFinite(x)) return strange;
    const strength = Math.min(STEPS, Math.round((Math.abs(x) / scale) * STEPS));
    return x < 0 ? below[strength]! : above[strength]!;
  };
}

const painted = new Set<WeakRef<{ paint: () => void }>>();
const kept = new WeakMap<Element, { paint: () => void }>();

/** Calls `paint` whenever the colours of the page change, as long as the element lives. */
export function onColours(element: Element, paint: () => void): void {
  const holder = { paint };
  kept.set(element, holder);
  painted.add(new WeakRef(holder));
}

/** Tells that the page has other colours now. */
export function coloursChanged(): void {
  known = null;
  for (const reference of painted) {
    const holder = reference.deref();
    if (holder === undefined) painted.delete(reference);
    else holder.paint();
  }
}

/** Ink of one strength under red of another, as a pixel. */
export function mixed(ink: number, red: number): number {
  const rgb = (known ??= read());
  const share = (x: number) => Math.min(1, Math.max(0, x));
  const below: Rgb = [0, 1, 2].map((k) => rgb.panel[k]! + (rgb.ink[k]! - rgb.panel[k]!) * share(ink)) as Rgb;
  return pack(below, rgb.positive, share(red));
}
