// The network's outputs as bars.

import type { Text } from "./app";
import { h, number } from "./dom";

export interface Bars {
  element: HTMLElement;
  draw(outputs: number[], probabilities: number[]): void;
  choose(score: number): void;
}

/** @param onScore  called with a class whose bar is chosen; −1 if it was chosen before */
export function outputBars(text: Text, onScore: (score: number) => void): Bars {
  const list = h("ol", { class: "bars", "aria-label": text("look.outputs") });
  let rows: { item: HTMLElement; bar: HTMLElement; share: HTMLElement; raw: HTMLElement; press: HTMLButtonElement }[] =
    [];
  let chosen = -1;

  function mark(): void {
    rows.forEach(({ press }, k) => press.setAttribute("aria-pressed", String(k === chosen)));
  }
  return {
    element: list,
    draw(outputs, probabilities) {
      if (rows.length !== outputs.length) {
        rows = outputs.map((_, k) => {
          const [bar, share, raw] = [
            h("span", { class: "fill" }),
            h("span", { class: "share" }),
            h("span", { class: "raw muted" }),
          ];
          const press = h(
            "button",
            {
              type: "button",
              class: "plain",
              title: text("look.score-of", { class: k }),
              onclick: () => onScore(k === chosen ? -1 : k),
            },
            h("b", {}, String(k)),
            h("span", { class: "track" }, bar),
            share,
            raw,
          );
          return { item: h("li", {}, press), bar, share, raw, press };
        });
        list.replaceChildren(...rows.map(({ item }) => item));
        mark();
      }
      const best = outputs.indexOf(Math.max(...outputs));
      rows.forEach(({ item, bar, share, raw }, k) => {
        item.classList.toggle("best", k === best);
        bar.style.width = `${100 * Math.min(1, Math.max(0, probabilities[k] ?? 0))}%`;
        share.textContent = `${(100 * (probabilities[k] ?? 0)).toFixed(1)} %`;
        raw.textContent = number(outputs[k] ?? NaN, 3);
      });
    },
    choose(score) {
      chosen = score;
      mark();
    },
  };
}
