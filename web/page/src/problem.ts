// One problem: what is given, what is wanted, the editor, and what comes out.

import type { App } from "./app";
import { busy, button, choice, clear, h } from "./dom";
import { makeEditor, type Editor } from "./editor";
import { formula } from "./formula";
import { heatMap, largest, legend } from "./heat_map";
import type { Language, Progress } from "./progress";
import { EngineError, type Problem, type Tensor } from "./protocol";
import { reference, signs, type NotationFunction } from "./reference";
import { run } from "./sandbox";
import { forwardParts, layerName, textOr, wantedName } from "./titles";
import { typeset } from "./typeset";
import { shapeText, verdict } from "./verdict";

export interface ProblemPanel {
  element: HTMLElement;
  language(): Language;
  source(): string;
  focus(): void;
}

export interface ProblemOptions {
  language: Language;
  source: string | null; // of a link; null: the draft, or what the problem begins with
  onChange: () => void;
  onSolved: () => void;
  onNext: (() => void) | null; // opens the problem to solve next; null: there is none
}

export function problemPanel(app: App, problem: Problem, functions: NotationFunction[], progress: Progress, options: ProblemOptions): ProblemPanel {
  let language = options.language;
  let editor: Editor;
  let asked = 0; // counts the checks: only the last one is shown
  const place = h("div", { class: "writing" });
  const result = h("div", { class: "result", "aria-live": "polite" });
  const wanted = wantedName(problem);

  const begin = (): string => (language === "notation" ? problem.start : problem.start_js);
  const open = (source: string): void => {
    const preview = h("div", { class: "preview", "aria-hidden": "true" });
    const show = (text: string): void => {
      if (language === "notation") clear(preview).append(text.trim() === "" ? "" : formula(`${lhs(wanted)} = ${typeset(text)}`, { display: true }));
    };
    editor = makeEditor({
      label: app.text(language === "notation" ? "check.editor.notation" : "check.editor.javascript", { wanted }),
      source,
      lines: language === "notation" ? 2 : 8,
      numbered: language === "javascript",
      onInput: (text) => {
        progress.write(problem.id, language, text);
        show(text);
        options.onChange();
      },
      onRun: () => void check(),
    });
    const insert = (text: string, back: number): void => editor.insert(text, back);
    show(source);
    clear(place).append(
      signs(app, insert),
      editor.element,
      language === "notation" ? preview : "",
      h(
        "div",
        { class: "row" },
        button(app.text("check.check"), () => void check(), { class: "primary", title: "Ctrl+Enter", "aria-keyshortcuts": "Control+Enter" }),
        button(app.text("check.reset"), () => {
          editor.write(begin());
          progress.write(problem.id, language, editor.source());
          show(editor.source());
          clear(result);
          options.onChange();
        }),
        h("span", { class: "muted small" }, app.text("check.keys")),
      ),
      reference(app, language, functions, insert),
    );
  };

  const check = async (): Promise<void> => {
    const mine = ++asked;
    editor.right();
    if (editor.source().trim() === "") return editor.wrong(app.text("check.empty"));
    const gradient = await busy(result, language === "notation" ? evaluated() : computed());
    if (gradient === null || mine !== asked) return;
    try {
      const answer = await busy(result, app.engine.ask("check", { problem: problem.id, gradient }));
      if (mine !== asked) return;
      clear(result).append(
        ...answer.rows.map((row) => verdict(app, row)),
        answer.agrees ? "" : h("details", {}, h("summary", {}, app.text("check.printed")), h("pre", { class: "printed" }, answer.text)),
      );
      hints.hidden = answer.agrees;
      if (answer.agrees) {
        progress.solve(problem.id);
        options.onSolved();
        if (options.onNext !== null) result.append(button(app.text("check.next"), options.onNext));
      }
    } catch (error) {
      if (mine === asked) fail(error);
    }
  };
  const fail = (error: unknown): null => {
    clear(result);
    const message = error instanceof Error ? error.message : String(error);
    const at = error instanceof EngineError ? error.at : null;
    const missing = at === null || language !== "notation" ? null : missingOperator(editor.source(), at, message);
    editor.wrong(missing === null ? message : `${message}. ${app.text("check.operatorMissing", { example: missing })}`, language === "notation" && at !== null ? { at } : undefined);
    return null;
  };
  const evaluated = async (): Promise<Tensor | null> => {
    try {
      const { value } = await app.engine.ask("evaluate", { formula: editor.source(), given: problem.given });
      const { shape } = problem.wanted;
      return value.data.length === 1 && shape.every((n) => n === 1) ? { shape, data: value.data } : value; // a number is a 1×1 array
    } catch (error) {
      return fail(error);
    }
  };
  const computed = async (): Promise<Tensor | null> => {
    const outcome = await run(editor.source(), problem.given, problem.wanted.shape);
    if (outcome.kind === "value") return outcome.value;
    clear(result);
    if (outcome.kind === "threw")
      editor.wrong(outcome.line === null ? outcome.message : app.text("check.threw", { line: outcome.line, message: outcome.message }), outcome.line === null ? undefined : { line: outcome.line });
    else if (outcome.kind === "endless") editor.wrong(app.text("check.endless", { seconds: outcome.seconds }));
    else if (outcome.kind === "unusable") editor.wrong(app.text(`check.unusable.${outcome.why}`, { detail: outcome.detail }));
    else editor.wrong(app.text("check.noWorker", { message: outcome.message }));
    return null;
  };

  const hints = help(app, problem, wanted);
  open(options.source ?? progress.draft(problem.id, language) ?? begin());
  const element = h(
    "article",
    { class: "problem stack" },
    h(
      "header",
      {},
      h("h3", {}, `${layerName(app, problem)}: ${wanted}`),
      h("p", { class: "lead" }, app.text(problem.start === "" ? "check.free" : "check.puzzle", { wanted })),
    ),
    given(app, problem, wanted),
    choice({
      label: app.text("check.language"),
      values: [
        ["notation", app.text("check.notation")],
        ["javascript", "JavaScript"],
      ],
      value: language,
      onChange: (value) => {
        language = value === "javascript" ? "javascript" : "notation";
        clear(result);
        open(progress.draft(problem.id, language) ?? begin());
        options.onChange();
      },
    }),
    place,
    result,
    hints,
  );
  return { element, language: () => language, source: () => editor.source(), focus: () => editor.focus() };
}

/** "W * δ" where two names stand side by side and the second one was not expected; else null. */
function missingOperator(source: string, at: number, message: string): string | null {
  const characters = [...source];
  const [before, after] = [characters.slice(0, at).join(""), characters.slice(at).join("")];
  const left = /[\p{L}\p{N}_]+['ᵀ]?\s*$/u.exec(before)?.[0].trim();
  const right = /^[\p{L}_][\p{L}\p{N}_]*/u.exec(after)?.[0];
  return left === undefined || right === undefined || !message.includes("not expected") ? null : `${left} * ${right}`;
}

const lhs = (wanted: string): string => `\\frac{\\partial E}{\\partial ${typeset(wanted.replace("∂E/∂", "")) || "x"}}`;

/** The layer's formula, the arrays that one may read, and the shape that is asked for. */
function given(app: App, problem: Problem, wanted: string): HTMLElement {
  const scale = largest(...problem.given.map((each) => each.value));
  const maps = problem.given.map(({ name, value }) => {
    const side = Math.max(...(value.shape.length === 0 ? [1] : value.shape.slice(-2)), 1);
    const map = heatMap({ title: `${name}  ${shapeText(value.shape)}`, scale, caption: true, pixel: Math.max(3, Math.min(22, Math.floor(120 / side))), onPoint: () => undefined });
    map.draw(value, scale);
    return map.element;
  });
  const { formula: forward, remark } = forwardParts(app, problem);
  return h(
    "section",
    { class: "panel given" },
    h("p", { class: "label" }, app.text("check.forward")),
    formula(typeset(forward), { display: true }),
    remark === "" ? null : h("p", { class: "muted" }, remark),
    h("p", { class: "asked" }, app.text("check.wanted", { wanted, shape: shapeText(problem.wanted.shape) })),
    h("p", { class: "label" }, app.text("check.given")),
    h("div", { class: "row top maps" }, ...maps),
    legend(scale),
  );
}

/** The hint for the mistake of a puzzle in this layer, for the mistake anywhere, or for the gradient that is wanted. */
function hintOf(app: App, problem: Problem): string {
  const free = textOr(app, `check.hint.${problem.title}-${problem.wanted.name}`, app.text("check.hint"));
  return problem.mistake === "" ? free : textOr(app, `check.hint.${problem.id}`, textOr(app, `check.hint.${problem.mistake}`, free));
}

/** A hint, then, if one asks again, a right formula. */
function help(app: App, problem: Problem, wanted: string): HTMLElement {
  const element = h("div", { class: "help stack" });
  const hint = hintOf(app, problem);
  const solution = (): void => {
    clear(element).append(
      h("p", { class: "hint" }, hint),
      h("div", { class: "solution" }, h("p", { class: "label" }, app.text("check.rightFormula")), formula(`${lhs(wanted)} = ${typeset(problem.right)}`, { display: true }), h("code", {}, problem.right)),
    );
  };
  element.append(
    button(app.text("check.showHint"), () => {
      clear(element).append(h("p", { class: "hint" }, hint), h("div", {}, button(app.text("check.showRight"), solution, { class: "plain" })));
    }),
  );
  return element;
}
