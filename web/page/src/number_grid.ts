// A small map whose numbers are read: cells to point at, to drag over and to write into, and a window that slides over them.

import { clear, h, number, uniqueId } from "./dom";
import type { Plane } from "./stamps";

export interface Place {
  row: number;
  column: number;
}

export interface NumberGridOptions {
  label: string;
  rows: number;
  columns: number;
  /** Called while one drags over the cells, points with the keyboard, or clicks. */
  onPoint?: (place: Place) => void;
  /** Called when one clicks a cell or presses Enter on it; not at the end of dragging over several. */
  onPick?: (place: Place) => void;
  /** Called when one writes a number into a cell. */
  onWrite?: (place: Place, value: number) => void;
  /** Called when the pointer or the keyboard leaves. */
  onLeave?: () => void;
  hover?: boolean; // pointing is enough, without pressing
}

export interface Window extends Place {
  weights: Plane;
  dot: Place | null; // the cell of the window that has the kernel's first weight
  strong?: boolean; // framed
  silent?: boolean; // only the dot, no numbers
}

export interface NumberGrid {
  element: HTMLElement;
  draw(values: Plane, scale: number): void;
  select(place: Place | null): void;
  /** Marks cells, by row-major index. */
  mark(cells: Set<number>): void;
  window(window: Window | null): void;
}

const moves: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export function makeNumberGrid(options: NumberGridOptions): NumberGrid {
  const { rows, columns } = options;
  const id = uniqueId("grid");
  const active = Boolean(options.onPoint ?? options.onPick ?? options.onWrite);
  const cells: HTMLElement[] = [];
  const board = h("div", { class: `cells${active ? " active" : ""}${options.onPoint && !options.hover ? " drag" : ""}`, role: "grid", "aria-label": options.label, "aria-readonly": options.onWrite ? null : "true", tabindex: active ? 0 : null });
  for (let i = 0; i < rows; ++i) {
    const row = h("div", { role: "row", "aria-rowindex": i + 1 });
    for (let j = 0; j < columns; ++j) {
      const cell = h("div", { role: "gridcell", class: "cell", "aria-colindex": j + 1, id: `${id}-${i}-${j}` });
      cells.push(cell);
      row.append(cell);
    }
    board.append(row);
  }
  const pane = h("div", { class: "pane", hidden: true, "aria-hidden": "true" });
  const element = h("div", { class: "number-grid", style: `--rows: ${rows}; --columns: ${columns}` }, board, pane);

  let at: Place = { row: 0, column: 0 };
  let shown: Plane | null = null;
  let pressed: Place | null = null; // where the pointer went down
  let dragged = false;
  const cellAt = (place: Place): HTMLElement => cells[place.row * columns + place.column]!;
  const same = (a: Place, b: Place): boolean => a.row === b.row && a.column === b.column;

  const cursor = (place: Place): void => {
    cellAt(at).classList.remove("cursor");
    at = place;
    cellAt(at).classList.add("cursor");
    board.setAttribute("aria-activedescendant", cellAt(at).id);
  };
  const go = (place: Place): void => {
    cursor(place);
    options.onPoint?.(place);
  };
  const under = (event: PointerEvent): Place => {
    const bounds = board.getBoundingClientRect();
    const index = (share: number, count: number): number => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
    return { row: index((event.clientY - bounds.top) / bounds.height, rows), column: index((event.clientX - bounds.left) / bounds.width, columns) };
  };

  const write = (place: Place, first: string | null): void => {
    const value = shown?.data[place.row * columns + place.column] ?? 0;
    const input = h("input", { type: "text", inputmode: "decimal", class: "write", "aria-label": `${options.label} [${place.row}, ${place.column}]` });
    input.value = first ?? String(value);
    let done = false;
    const end = (keep: boolean): void => {
      if (done) return;
      done = true;
      const focused = document.activeElement === input;
      const read = Number(input.value.trim().replace("−", "-").replace(",", "."));
      input.remove();
      if (focused) board.focus({ preventScroll: true });
      if (keep && input.value.trim() !== "" && Number.isFinite(read)) options.onWrite?.(place, Math.max(-999, Math.min(999, read)));
    };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" || event.key === "Escape") {
        event.preventDefault();
        end(event.key === "Enter");
      }
    });
    input.addEventListener("blur", () => end(true));
    for (const kind of ["pointerdown", "pointerup", "click"]) input.addEventListener(kind, (event) => event.stopPropagation());
    input.style.gridArea = `${place.row + 1} / ${place.column + 1}`;
    board.append(input);
    input.focus();
    if (first === null) input.select();
  };

  if (active) {
    board.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      pressed = under(event);
      dragged = false;
      if (options.onPoint) board.setPointerCapture(event.pointerId);
      go(pressed);
    });
    board.addEventListener("pointermove", (event) => {
      const place = under(event);
      if (pressed !== null && !same(place, pressed)) dragged = true;
      if ((pressed !== null || options.hover) && !same(place, at)) go(place);
      else if (options.hover && pressed === null) options.onPoint?.(place);
    });
    board.addEventListener("pointerup", (event) => {
      const place = pressed;
      pressed = null;
      if (place === null || dragged || !same(place, under(event))) return;
      options.onPick?.(place);
      if (options.onWrite && !options.onPick) write(place, null);
    });
    board.addEventListener("pointercancel", () => (pressed = null));
    if (options.onLeave) {
      board.addEventListener("pointerleave", () => options.onLeave?.());
      board.addEventListener("blur", () => options.onLeave?.());
    }
    board.addEventListener("focus", () => {
      cursor(at);
      if (board.matches(":focus-visible")) options.onPoint?.(at);
    });
    board.addEventListener("keydown", (event) => {
      const move = moves[event.key];
      if (move) go({ row: Math.min(rows - 1, Math.max(0, at.row + move[0])), column: Math.min(columns - 1, Math.max(0, at.column + move[1])) });
      else if (event.key === "Enter" || event.key === " ") {
        if (options.onPick) options.onPick(at);
        else if (options.onWrite) write(at, null);
      } else if (options.onWrite && /^[\d.−-]$/.test(event.key) && !event.ctrlKey && !event.metaKey) write(at, event.key);
      else return;
      event.preventDefault();
    });
  }

  return {
    element,
    draw(values, scale) {
      shown = values;
      cells.forEach((cell, i) => {
        const value = values.data[i] ?? 0;
        const share = Math.round(55 * Math.min(1, Math.abs(value) / (scale || 1)));
        cell.textContent = number(value, 3);
        cell.style.setProperty("--share", `${share}%`);
        cell.classList.toggle("below", value < 0);
        cell.classList.toggle("zero", value === 0);
      });
    },
    select(place) {
      for (const cell of cells) {
        cell.classList.remove("selected");
        cell.removeAttribute("aria-selected");
      }
      if (place === null) return;
      cellAt(place).classList.add("selected");
      cellAt(place).setAttribute("aria-selected", "true");
      cursor(place);
    },
    mark(marked) {
      cells.forEach((cell, i) => cell.classList.toggle("marked", marked.has(i)));
    },
    window(window) {
      pane.hidden = window === null;
      if (window === null) return;
      const { weights, dot, row, column } = window;
      pane.style.setProperty("--pane-rows", String(weights.rows));
      pane.style.setProperty("--pane-columns", String(weights.columns));
      pane.style.setProperty("--row", String(row));
      pane.style.setProperty("--column", String(column));
      pane.classList.toggle("strong", window.strong ?? false);
      clear(pane).append(
        ...Array.from(weights.data, (weight, i) => {
          const [r, c] = [Math.floor(i / weights.columns), i % weights.columns];
          const here = dot !== null && dot.row === r && dot.column === c;
          return h("span", { class: here ? "weight dot" : "weight" }, window.silent ? "" : number(weight, 3));
        }),
      );
    },
  };
}
