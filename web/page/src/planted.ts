// Mistakes that are planted in a handwritten pass through a whole network: shown, or to be guessed.

import type { App } from "./app";
import { busy, button, choice, clear, h, number } from "./dom";
import type { Check, PlantedMistake, Row } from "./protocol";
import { textOr } from "./titles";
import { explanation, firstDifference, maps, shapeText } from "./verdict";

const models = ["lenet5", "bouvrie", "mlp"];
const samples = 4;

export function plantedPanel(app: App): HTMLElement {
  let model = models[0]!;
  let mistakes: PlantedMistake[] = [];
  let asked = 0;
  let right = 0;
  let tried = 0;
  const pick = h("div", { class: "row bottom" });
  const result = h("div", { class: "result stack", "aria-live": "polite" });
  const tell = (error: unknown): void => app.say(error instanceof Error ? error.message : String(error), "error");

  const choose = async (): Promise<void> => {
    const mine = ++asked;
    clear(result);
    clear(pick);
    mistakes = [];
    const answer = await busy(pick, app.engine.ask("mistakes", { model }));
    if (mine !== asked) return;
    mistakes = answer.mistakes;
    const select = mistakeSelect(app, mistakes, app.text("check.mistake"));
    pick.append(
      select.element,
      button(app.text("check.plant"), () => void plant(select.value(), false).catch(tell), { class: "primary" }),
      button(app.text("check.quiz"), () => void plant(mistakes[Math.floor(Math.random() * mistakes.length)]!, true).catch(tell)),
    );
  };

  const plant = async (mistake: PlantedMistake, secret: boolean): Promise<void> => {
    const mine = ++asked;
    clear(result);
    const check = await busy(result, withDigits(app, () => app.engine.ask("plant", { model, mistake: mistake.name, samples })));
    if (mine !== asked) return;
    if (secret) quiz(mistake, check);
    else reveal(mistake, check);
  };

  const reveal = (mistake: PlantedMistake, check: Check): void => {
    clear(result).append(
      h("p", { class: "verdict" }, h("strong", {}, mistake.what), h("span", { class: "muted" }, " " + app.text("check.at", { step: mistake.step }))),
      table(app, check, true),
      h("details", {}, h("summary", {}, app.text("check.printed")), h("pre", { class: "printed" }, check.text)),
    );
  };

  const quiz = (mistake: PlantedMistake, check: Check): void => {
    const select = mistakeSelect(app, mistakes, app.text("check.guess"), false);
    const said = h("p", { role: "status" });
    let over = false;
    clear(result).append(
      h("p", {}, app.text("check.quizLead")),
      table(app, check, false),
      h(
        "div",
        { class: "row bottom" },
        select.element,
        button(
          app.text("check.thatIsIt"),
          () => {
            const hit = select.value().name === mistake.name;
            if (!over) {
              ++tried;
              if (hit) ++right;
            }
            over ||= hit;
            said.className = hit ? "good" : "bad";
            said.textContent = app.text(hit ? "check.hit" : "check.missed", { right, tried });
            if (hit) reveal(mistake, check), result.prepend(said);
          },
          { class: "primary" },
        ),
        button(app.text("check.ask"), () => reveal(mistake, check)),
      ),
      said,
    );
  };

  void choose().catch(tell);
  return h(
    "div",
    { class: "planted stack" },
    h("p", { class: "lead" }, app.text("check.plantedLead")),
    h(
      "div",
      { class: "row bottom" },
      choice({
        label: app.text("check.network"),
        values: models.map((each) => [each, app.text(`check.model.${each}`)]),
        value: model,
        onChange: (value) => {
          model = value;
          void choose().catch(tell);
        },
      }),
      pick,
    ),
    result,
  );
}

/** What needs digits to learn from: they are sent if the library has none yet, since sending them ends a training. */
async function withDigits<T>(app: App, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch {
    await app.engine.ask("data", await app.digits.files());
    return ask();
  }
}

/** @param placed  whether it is told in which step each mistake is: a guess is of its kind alone */
function mistakeSelect(app: App, mistakes: PlantedMistake[], label: string, placed = true): { element: HTMLElement; value: () => PlantedMistake } {
  const select = h("select", {}, ...mistakes.map((each) => h("option", { value: each.name }, placed ? `${each.what} (${app.text("check.at", { step: each.step })})` : textOr(app, `check.kind.${each.name}`, each.name.replaceAll("-", " ")))));
  return {
    element: h("label", { class: "field" }, h("span", { class: "label" }, label), select),
    value: () => mistakes.find((each) => each.name === select.value) ?? mistakes[0]!,
  };
}

/** Every gradient of the network: how far it is off, and, if it may be told, why. Each opens its maps. */
function table(app: App, check: Check, told: boolean): HTMLElement {
  return h(
    "div",
    { class: "rows" },
    h(
      "div",
      { class: "columns small muted" },
      h("span", {}),
      ...["gradient", "shape", "relative", ...(told ? ["why"] : [])].map((each) => h("span", {}, app.text(`check.column.${each}`))),
    ),
    h("div", { role: "list" }, ...check.rows.map((row) => h("div", { role: "listitem" }, line(app, row, told)))),
  );
}

function line(app: App, row: Row, told: boolean): HTMLElement {
  const inside = h("div", { class: "inside stack" });
  const details = h(
    "details",
    { class: row.agrees ? "line agrees" : "line differs" },
    h(
      "summary",
      {},
      h("span", { class: row.agrees ? "sign good" : "sign bad", "aria-label": app.text(row.agrees ? "check.agrees" : "check.differs"), role: "img" }, row.agrees ? "✓" : "✗"),
      h("code", {}, row.name),
      h("span", { class: "muted small" }, shapeText(row.shape)),
      h("span", { class: "numbers small" }, row.problem === "" ? number(row.relative ?? NaN, 2) : ""),
      told && !row.agrees ? h("span", { class: "why" }, explanation(row)) : null,
    ),
    inside,
  );
  details.addEventListener("toggle", () => {
    if (!details.open || inside.childElementCount > 0) return;
    if (told && row.page !== "") inside.append(h("p", { class: "muted" }, app.text("check.page") + " ", h("code", {}, row.page)));
    const first = firstDifference(app, row, "check.byHand");
    if (first) inside.append(first);
    inside.append(maps(app, row, "check.byHand"));
  });
  return details;
}
