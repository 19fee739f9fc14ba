// The tensor of the name that was last pointed at: it stays until another one is.

import type { App } from "./app";
import { clear, h } from "./dom";
import { formula } from "./formula";
import { valueWords } from "./ops";
import type { Named } from "./symbols";
import { tensorView } from "./tensor_view";
import type { Tensor } from "./protocol";

export interface PlacePanel {
  element: HTMLElement;
  show(named: Named): void;
  reset(): void;
}

export function placePanel(app: App): PlacePanel {
  const element = h("aside", { class: "place-panel panel", "aria-label": app.text("derive.panel") });

  function reset(): void {
    clear(element).append(h("p", { class: "muted small hint" }, app.text("derive.hint")));
  }

  function show(named: Named): void {
    const { value } = named;
    const words = value === null ? "" : valueWords(app, value);
    const sensitivity = named.latex.startsWith("\\delta");
    const heading = sensitivity
      ? app.text("derive.sensitivity", { layer: value?.layer ?? "" })
      : named.gradient && words !== "" ? app.text("derive.gradient-of", { what: words }) : words;
    const views: HTMLElement[] = [];
    const add = (tensor: Tensor | null | undefined, key: string) => {
      if (tensor) views.push(tensorView(app, tensor, { title: `${words}: ${app.text(key)}`, caption: [app.text(key)], most: 24, size: 240, legend: true }));
    };
    if (named.gradient) {
      add(named.own ?? value?.gradient, "derive.its-gradient");
      add(value?.value, "derive.its-value");
    } else {
      add(named.own ?? value?.value, "derive.its-value");
      add(value?.gradient, "derive.its-gradient");
    }
    if (views.length === 0) views.push(h("p", { class: "muted small" }, app.text("derive.no-tensor")));
    clear(element).append(
      h("div", { class: "who" }, formula(named.latex), h("span", { class: "small" }, heading), value?.name ? h("code", { class: "small muted" }, value.name) : null),
      h("div", { class: "views" }, ...views),
    );
  }

  reset();
  return { element, show, reset };
}
