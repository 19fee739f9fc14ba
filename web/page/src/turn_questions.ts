// Two questions to try before the answer is told.

import type { App } from "./app";
import { clear, h, number } from "./dom";
import { formula } from "./formula";
import { backward, tensor } from "./stamps";
import type { TurnState } from "./turn_state";
import { typeset } from "./typeset";

/** Where does the kernel's first weight arrive in a convolution? */
export function placeQuestion(app: App, onTried: () => void): HTMLElement {
  const answer = h("div", { class: "answer", "aria-live": "polite" });
  const places = Array.from({ length: 9 }, (_, i) => {
    const [row, column] = [Math.floor(i / 3), i % 3];
    const place = h("button", { type: "button", "aria-label": app.text("turn.place", { row: row + 1, column: column + 1 }) }, "?");
    place.addEventListener("click", () => {
      for (const each of places) each.classList.remove("right", "wrong");
      place.classList.add(i === 8 ? "right" : "wrong");
      place.textContent = "k₀₀";
      for (const each of places) if (each !== place) each.textContent = "?";
      clear(answer).append(h("p", {}, h("strong", { class: i === 8 ? "good" : "bad" }, app.text(i === 8 ? "turn.right" : "turn.notThere")), " ", app.text(i === 8 ? "turn.placeAnswer" : "turn.placeHint")));
      if (i === 8) onTried();
    });
    return place;
  });
  return h("section", { class: "panel question" }, h("h3", {}, app.text("turn.question1")), h("p", {}, app.text("turn.placeQuestion")), h("div", { class: "nine" }, ...places), answer);
}

const candidates = ["conv2(δ, k, 'full')", "conv2(δ, rot180(k), 'full')", "conv2(rot180(δ), k, 'full')"];

/** Which formula is the sum of all stamps? The library computes what one picks. */
export function formulaQuestion(app: App, now: () => TurnState, onTried: () => void): { element: HTMLElement; forget: () => void } {
  const answer = h("div", { class: "answer", "aria-live": "polite" });
  const lead = h("p", {});
  const attempt = async (source: string): Promise<void> => {
    const { delta, k, x, operation } = now();
    const stamps = backward(delta, x, k, operation);
    const { value } = await app.engine.ask("evaluate", { formula: source, given: [{ name: "δ", value: tensor(delta) }, { name: "k", value: tensor(k) }] });
    const far = stamps.data.reduce((most, each, i) => Math.max(most, Math.abs(each - (value.data[i] ?? NaN))), 0);
    const wanted = operation === "convolution" ? candidates[1] : candidates[0];
    clear(answer).append(
      h("p", {}, h("strong", { class: source === wanted ? "good" : "bad" }, app.text(source === wanted ? "turn.right" : "turn.notIt")), " ", app.text("turn.farFrom", { difference: number(far) }), far === 0 && source !== wanted ? " " + app.text("turn.luck") : ""),
    );
    if (source !== wanted) {
      const first = stamps.data.findIndex((each, i) => Math.abs(each - (value.data[i] ?? NaN)) > 1e-9);
      if (first < 0) return;
      const place = `${Math.floor(first / stamps.columns)}, ${first % stamps.columns}`;
      const why = source === candidates[2] ? "rot180(δ)" : source === candidates[1] ? "rot180(k)" : "k";
      answer.append(h("p", {}, app.text("turn.differAt", { place, value: number(value.data[first] ?? NaN), sum: number(stamps.data[first] ?? NaN) }), " ", app.text(`turn.wrong.${why}`)));
      return;
    }
    answer.append(h("p", {}, app.text(`turn.formulaAnswer.${operation}`)));
    onTried();
  };
  const element = h(
    "section",
    { class: "panel question" },
    h("h3", {}, app.text("turn.question2")),
    lead,
    h("p", { class: "small muted" }, app.text("turn.full")),
    h(
      "div",
      { class: "candidates" },
      ...candidates.map((source) => {
        const pick = h("button", { type: "button", "aria-label": source, onclick: () => void attempt(source).catch((error: unknown) => app.say(error instanceof Error ? error.message : String(error), "error")) });
        pick.append(formula(typeset(source)));
        return pick;
      }),
    ),
    answer,
  );
  const forget = (): void => {
    clear(answer);
    lead.textContent = app.text("turn.formulaQuestion", { operation: app.text(`turn.${now().operation}`) });
  };
  return { element, forget };
}
