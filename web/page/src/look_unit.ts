// One unit: its number, what it is the sum of, and the formula with these numbers.

import type { Text } from "./app";
import { clear, h, number } from "./dom";
import { formula } from "./formula";
import { heatMap } from "./heat_map";
import { letterOf } from "./letters";
import type { Looked } from "./look_layers";
import { at, shownIndex } from "./planes";
import type { Recording, Tensor, Unit, Value } from "./protocol";

const LISTED = 26; // terms in the table; of more, the largest

export interface UnitPanel {
  element: HTMLElement;
  draw(recording: Recording, image: Tensor, looked: Looked | null, unit: Unit | null, pinned: boolean): void;
}

/** An index as people read it. In the image it counts without the border of zeros; null: it is in that border. */
function placeIn(value: Value | undefined, index: number[], image: Tensor): string | null {
  const shape = value?.value.shape ?? [];
  if (value?.name !== "x") return shownIndex(shape, index);
  const sides = image.shape.slice(-2);
  const inside = index.map((each, axis) => {
    const side = sides[axis - (shape.length - 2)];
    return side === undefined ? each : each - (shape[axis]! - side) / 2;
  });
  const border = inside.some((each, axis) => each < 0 || each >= (sides[axis - (shape.length - 2)] ?? Infinity));
  return border ? null : shownIndex(shape, inside);
}

function table(text: Text, unit: Unit, input: Value | undefined, image: Tensor): HTMLElement {
  const weighed = unit.kind === "products";
  const part = (term: Unit["terms"][number]) => (weighed ? term.x * term.weight : term.x);
  const all = [...unit.terms];
  const shown =
    all.length <= LISTED ? all : all.sort((a, b) => Math.abs(part(b)) - Math.abs(part(a))).slice(0, LISTED - 2);
  const rest = all.length <= LISTED ? [] : all.slice(LISTED - 2);
  const cell = (content: string) => h("td", { class: "number" }, content);
  return h(
    "table",
    {},
    h("caption", { class: "unseen" }, text("look.terms")),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("th", {}, text("look.term-place")),
        h("th", { class: "number" }, text("look.term-value")),
        ...(weighed
          ? [
              h("th", { class: "number" }, text("look.term-weight")),
              h("th", { class: "number" }, text("look.term-product")),
            ]
          : []),
      ),
    ),
    h(
      "tbody",
      {},
      ...shown.map((term) =>
        h(
          "tr",
          { class: term.used ? null : "muted" },
          h("td", {}, placeIn(input, term.index, image) ?? text("look.border")),
          cell(number(term.x)),
          ...(weighed ? [cell(number(term.weight)), cell(number(term.x * term.weight))] : []),
        ),
      ),
      rest.length === 0
        ? null
        : h(
            "tr",
            {},
            h("td", { colspan: weighed ? 3 : 1 }, text("look.terms-rest", { count: rest.length })),
            cell(number(rest.reduce((sum, term) => sum + part(term), 0))),
          ),
    ),
    h(
      "tfoot",
      {},
      unit.constant === 0
        ? null
        : h("tr", { class: "bias" }, h("td", { colspan: weighed ? 3 : 1 }, text("look.constant")), cell(number(unit.constant))),
      h(
        "tr",
        {},
        h("th", { colspan: weighed ? 3 : 1 }, text(`look.result-${unit.kind}`)),
        h("th", { class: "number" }, number(unit.result)),
      ),
    ),
  );
}

/** The part of a field that lies in the image: padding around it is no part of it. */
export function clipped(field: NonNullable<Unit["field"]>, image: Tensor): NonNullable<Unit["field"]> {
  const [height, width] = image.shape as [number, number];
  return {
    top: Math.max(0, field.top),
    left: Math.max(0, field.left),
    bottom: Math.min(height - 1, field.bottom),
    right: Math.min(width - 1, field.right),
  };
}

/** @param onClose  called when one has seen enough of a unit */
export function unitPanel(text: Text, onClose: () => void): UnitPanel {
  const element = h("aside", { class: "panel unit", "aria-label": text("look.unit") });
  const seen = heatMap({ title: text("look.image"), scale: 255, colours: "ink", pixel: 4 });
  return {
    element,
    draw(recording, image, looked, unit, pinned) {
      element.classList.toggle("nothing", looked === null);
      clear(element).append(
        h(
          "div",
          { class: "row unit-head" },
          h("h3", {}, text("look.unit")),
          looked === null ? null : h("button", { type: "button", class: "plain close", "aria-label": text("look.close"), title: text("look.close"), onclick: onClose }, "×"),
        ),
      );
      if (looked === null) {
        element.append(h("p", { class: "muted small" }, text("look.unit-help")));
        return;
      }
      const value = recording.values.find((each) => each.place === looked.place);
      if (value === undefined) return;
      element.append(
        h(
          "p",
          {},
          formula(`${letterOf(value) || "v"}_{${placeIn(value, looked.index, image) ?? shownIndex(value.value.shape, looked.index)}}`),
          ` = ${number(at(value.value, looked.index), 5)}`,
        ),
      );
      if (value.gradient !== null) {
        element.append(
          h(
            "p",
            { class: "small" },
            text(recording.of === "loss" ? "look.unit-loss" : "look.unit-score", {
              slope: number(at(value.gradient, looked.index)),
              of: recording.of,
            }),
          ),
        );
      }
      if (unit === null) return;
      if (unit.latex !== "") element.append(formula(unit.latex, { display: true }));
      if (unit.field !== null) {
        const { top, left, bottom, right } = unit.field;
        const words = text("look.field", {
          height: bottom - top + 1,
          width: right - left + 1,
          top: number(top),
          bottom: number(bottom),
          left: number(left),
          right: number(right),
        });
        const inside = clipped(unit.field, image);
        const padded = inside.top > top || inside.left > left || inside.bottom < bottom || inside.right < right;
        element.append(
          h(
            "div",
            { class: "field-of" },
            seen.element,
            h("p", { class: "small muted" }, words, padded ? ` ${text("look.field-padded")}` : null),
          ),
        );
        seen.draw(image);
        seen.mark([inside]);
      }
      element.append(h("p", { class: "small" }, text(`look.kind-${unit.kind}`, { count: unit.terms.length })));
      if (unit.terms.length > 0)
        element.append(
          h(
            "div",
            { class: "scroll terms", tabindex: 0, role: "region", "aria-label": text("look.terms") },
            table(
              text,
              unit,
              recording.values.find((each) => each.place === unit.input),
              image,
            ),
          ),
        );
      if (pinned) element.append(h("p", { class: "small muted" }, text("look.pinned")));
    },
  };
}
