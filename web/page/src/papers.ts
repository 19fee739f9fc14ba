// The four texts that the formulas' IDs name, and a small card that shows a formula as its text has it.

import type { App } from "./app";
import { asLatex } from "./by_hand";
import { button, h } from "./dom";
import { formula } from "./formula";
import type { Formula } from "./protocol";
import "./papers.css";

const sections: Record<string, string> = {
  B1: "2.1", B2: "2.1", B3: "2.1", B4: "2.2", B5: "2.2", B6: "2.2", B7: "2.2", B8: "2.2", B9: "3.1", B10: "3.1.1", B10u: "3.1.1", B11: "3.1.1", B12: "3.1.1",
  B13: "3.1.1", B14: "3.2", B14b: "3.2.1", B14d: "3.2.1", B14c: "3.3", B15: "3.3", B15a: "3.3", B16: "3.3", B17: "3.3", B18: "3.3.1", B19: "3.3.1", B20: "3.3.1",
  B21: "3.3.1", B22: "4.4", B23: "4.2", B24: "4.1",
  G0: "2.1", G1: "2.2.2", G2: "2.2.2", G3: "2.2.2", G4: "2.2.2", G5: "2.2.2", G6: "3.2.1", G7: "3.3.2", G8: "3.3.2", G9: "3.3.2", G10: "3.2.1", G11: "3.2",
  N1: "1.1", N2: "1.2", N3: "1.3.1", N4: "1.3.2", N5: "3.1", N6: "3.2", N7: "3.3", N8: "3.4", N9: "3.5", N10: "3.6", N11: "3.7", N12: "3.8", N13: "3.9",
  N16: "3.12", N17: "3.13", N18: "3.14", N19: "3.15", N20: "4.1", N21: "4.1", N22: "4.2", N23: "4.3", N24: "4.4.1", N25: "4.4.2", N26: "4.5", N27: "2.2",
};

/** The layers whose pages of the course have a formula. */
const layers: Record<string, string> = {
  "H-conv": "C1", "H-max": "S2", "H-mean": "S2", "H-sub": "S2", "H-softmax": "F7", "H-J": "J", "H-S1": "F7", "H-S2": "F7", "H-S2p": "S2", "H-S4": "S4", "H-GD": "J",
};

/** Mistakes of the texts, by the formula that has them. */
const errata: Record<string, string> = {
  B7: "B7", G4: "G4", B18: "B18", B19: "B18", B20: "B18", B21: "B18", "H-S2p": "mask", "H-S4": "mask", N15: "N15", N18: "N18",
};

function whereIn(app: App, id: string): string {
  const section = sections[id];
  if (section !== undefined) return app.text("papers.section", { section });
  const layer = layers[id] ?? id.match(/^H-([CF]\d?)/)?.[1];
  if (layer === undefined) return "";
  return layer === "J" ? app.text("papers.loss") : layer === "F" ? app.text("papers.full") : app.text("papers.layer", { layer });
}

/** Opens the card of a formula. Escape, or a click beside it, closes it. */
export function showPaper(app: App, { id, by_hand }: Formula): void {
  const text = "BGHN".includes(id[0] ?? "") ? (id[0] ?? "B") : "B";
  const section = whereIn(app, id);
  const mistake = errata[id];
  const dialog: HTMLDialogElement = h(
    "dialog",
    { class: "paper", "aria-label": app.text("papers.card", { id }), onclose: () => dialog.remove(), onclick: (event) => event.target === dialog && dialog.close() },
    h(
      "div",
      { class: "inside" },
      h("div", { class: "row" }, h("span", { class: "id" }, id), button("×", () => dialog.close(), { class: "plain close", "aria-label": app.text("papers.close") })),
      by_hand === "" ? null : h("div", { class: "as-printed" }, formula(asLatex(by_hand))),
      h("p", { class: "title" }, h("cite", {}, app.text(`papers.${text}.title`))),
      h("p", { class: "muted small" }, app.text(`papers.${text}.author`), section === "" ? "" : ` · ${section}`),
      h("p", { class: "small" }, app.text(`papers.${text}.letters`)),
      mistake === undefined ? null : h("p", { class: "small erratum" }, app.text(`papers.erratum.${mistake}`)),
      h("p", { class: "muted small" }, app.text("papers.tested", { id }), " ", h("code", {}, "docs/oracles.md")),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}

/** A formula's ID; it opens its card. */
export function idLink(app: App, of: Formula): HTMLElement {
  return button(of.id, () => showPaper(app, of), { class: "formula-id", "aria-haspopup": "dialog", title: app.text("papers.open", { id: of.id }) });
}
