// How the elements of a tensor lie in a picture: planes side by side, with a gap between them. Lengths are in elements.

import type { Tensor } from "./protocol";

export interface Arrangement {
  lead: number[]; // axes that count the planes
  height: number; // of a plane
  width: number;
  planes: number;
  down: number; // rows of planes
  across: number;
  gap: number;
  rows: number; // of the whole picture
  columns: number;
  folded: boolean; // one axis, laid in several rows
  dropped: number; // leading axes of 1 that are left out
}

const size = (shape: number[]) => shape.reduce((product, each) => product * each, 1);

/** The divisor of n that makes rows and columns most alike; 1 where that is too far from a square. */
function rowsOf(n: number): number {
  if (n <= 16) return 1;
  let best = 1;
  for (let rows = 2; rows * rows <= n; ++rows) if (n % rows === 0) best = rows;
  return n / best > 6 * best ? 1 : best;
}

export function arrange(shape: number[], space = 1): Arrangement {
  const dropped =
    shape.findIndex((each) => each !== 1) < 0 ? Math.max(0, shape.length - 1) : shape.findIndex((each) => each !== 1);
  const left = shape.slice(dropped);
  // Planes of one element are a vector.
  if (left.length >= 3 && left.at(-1) === 1 && left.at(-2) === 1)
    return { ...arrange([size(left)], space), lead: left.slice(0, -2), dropped };

  if (left.length <= 1) {
    const n = left[0] ?? 1;
    const rows = rowsOf(n);
    return {
      lead: [],
      height: rows,
      width: n / rows,
      planes: 1,
      down: 1,
      across: 1,
      gap: 0,
      rows,
      columns: n / rows,
      folded: rows > 1,
      dropped,
    };
  }
  const height = left[left.length - 2]!;
  const width = left[left.length - 1]!;
  const lead = left.slice(0, -2).filter((each) => each > 1);
  const planes = size(lead);
  let across = lead.length === 1 ? Math.ceil(Math.sqrt(planes * Math.max(1, height / width))) : size(lead.slice(1));
  if (lead.length === 1 && planes % across !== 0) {
    for (let wider = across; wider <= Math.min(planes, across * 1.6); ++wider)
      if (planes % wider === 0) {
        across = wider;
        break;
      }
  }
  if (lead.length === 0) across = 1;
  const down = Math.ceil(planes / across);
  const gap = planes > 1 ? space : 0;
  return {
    lead,
    height,
    width,
    planes,
    down,
    across,
    gap,
    rows: down * (height + gap) - gap,
    columns: across * (width + gap) - gap,
    folded: false,
    dropped,
  };
}

/** Where the top left element of a plane is. */
export function corner(of: Arrangement, plane: number): { row: number; column: number } {
  return {
    row: Math.floor(plane / of.across) * (of.height + of.gap),
    column: (plane % of.across) * (of.width + of.gap),
  };
}

/** The offset in the data of the element at a place of the picture, which may be between two corners; −1 in a gap. */
export function offsetAt(of: Arrangement, row: number, column: number): number {
  const down = Math.floor(row / (of.height + of.gap));
  const across = Math.floor(column / (of.width + of.gap));
  const i = Math.floor(row - down * (of.height + of.gap));
  const j = Math.floor(column - across * (of.width + of.gap));
  const plane = down * of.across + across;
  if (row < 0 || column < 0 || across >= of.across || i >= of.height || j >= of.width || plane >= of.planes) return -1;
  return (plane * of.height + i) * of.width + j;
}

/** Where the element with this offset is drawn. */
export function placeAt(of: Arrangement, offset: number): { row: number; column: number } {
  const plane = Math.floor(offset / (of.height * of.width));
  const inside = offset % (of.height * of.width);
  const start = corner(of, plane);
  return { row: start.row + Math.floor(inside / of.width), column: start.column + (inside % of.width) };
}

export function indexOf(shape: number[], offset: number): number[] {
  const index: number[] = new Array<number>(shape.length);
  for (let axis = shape.length - 1; axis >= 0; --axis) {
    index[axis] = offset % shape[axis]!;
    offset = Math.floor(offset / shape[axis]!);
  }
  return index;
}

export function offsetOf(shape: number[], index: number[]): number {
  return index.reduce((offset, each, axis) => offset * shape[axis]! + each, 0);
}

/** The index as people read it: without the axis of the one sample. */
export function shownIndex(shape: number[], index: number[]): string {
  return index.slice(shape.length > 1 && shape[0] === 1 ? 1 : 0).join(", ");
}

/** The element in a tensor, with a check that there is one. */
export function at(tensor: Tensor, index: number[]): number {
  return tensor.data[offsetOf(tensor.shape, index)] ?? NaN;
}
