// The results of the epochs, as a table; the newest one is told to screen readers.

import type { Text } from "./app";
import { clear, h, number } from "./dom";
import { percent } from "./train_curves";
import type { TrainingRun } from "./train_run";

export function makeReports(text: Text): { element: HTMLElement; show(run: TrainingRun | null): void } {
  const body = h("tbody");
  const told = h("p", { class: "unseen", role: "status" });
  const heading = (key: string) => h("th", { scope: "col", class: "number" }, text(key));
  const element = h(
    "section",
    { class: "panel", hidden: true },
    h("h3", {}, text("train.reports")),
    h(
      "div",
      { class: "scroll" },
      h("table", {}, h("thead", {}, h("tr", {}, heading("train.report.epoch"), heading("train.report.train_loss"), heading("train.report.error"), heading("train.report.loss"))), body),
    ),
    h("p", { class: "small muted" }, text("train.reports.what")),
  );
  let shown: TrainingRun | null = null;
  let rows = 0;
  return {
    element: h("div", {}, told, element),
    show(run) {
      const reports = run?.reports ?? [];
      if (run !== shown) {
        clear(body);
        told.textContent = "";
        rows = 0;
      }
      shown = run;
      element.hidden = reports.length === 0;
      for (; rows < reports.length; ++rows) {
        const { epoch, train_loss, error, loss } = reports[rows];
        const cells = [String(epoch), number(train_loss, 4), percent(error), number(loss, 4)];
        body.append(h("tr", {}, ...cells.map((cell) => h("td", { class: "number" }, cell))));
        told.textContent = text("train.error.told", { epoch, error: percent(error) });
      }
    },
  };
}
