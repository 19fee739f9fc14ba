// Write the backward pass of a layer, and be told what is wrong with it.

import type { App, MakeView } from "./app";
import { busy, choice, clear, h } from "./dom";
import { pack, unpack } from "./link";
import { once } from "./once";
import { plantedPanel } from "./planted";
import { problemPanel, type ProblemPanel } from "./problem";
import { Progress, type Language } from "./progress";
import type { Problem } from "./protocol";
import { problemList } from "./puzzles";
import type { NotationFunction } from "./reference";
import "./check.css";

type Tab = "write" | "planted";

/** What a link holds. */
interface Kept {
  tab: Tab;
  problem: string;
  language: Language;
  source: string | null;
}

export const makeCheckView: MakeView = (app) => {
  const body = h("div", { class: "tab" });
  const tabs = h("div", {});
  const element = h("section", { class: "check" }, h("h2", {}, app.text("check.title")), h("p", { class: "lead" }, app.text("check.lead")), tabs, body);
  const progress = new Progress();
  let kept: Kept = { tab: "write", problem: "", language: "notation", source: null };
  let written: { element: HTMLElement; panel: () => ProblemPanel | null } | null = null;
  let planted: HTMLElement | null = null;
  let clock = 0;

  const keep = (): void => {
    const panel = written?.panel();
    if (panel) kept = { ...kept, language: panel.language(), source: panel.source() };
    clearTimeout(clock);
    clock = window.setTimeout(() => {
      void pack(JSON.stringify([kept.tab, kept.problem, kept.language, kept.source])).then((word) => app.state.set("gradient", word));
    }, 300);
  };

  const show = async (): Promise<void> => {
    if (kept.tab === "planted") {
      clear(body).append((planted ??= plantedPanel(app)));
      return;
    }
    if (written === null) {
      clear(body);
      const { problems, functions } = await busy(body, app.engine.ask("problems", {}));
      written = writing(app, problems, functions, progress, kept, (problem) => {
        kept = { ...kept, problem, source: null };
        keep();
      });
    }
    if (kept.tab === "write") clear(body).append(written.element);
  };
  const showOrTell = (): void => {
    show().catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      clear(body).append(h("p", { class: "bad" }, message));
      app.say(message, "error");
    });
  };

  const begin = async (): Promise<void> => {
    const word = app.state.get("gradient");
    if (word) kept = read(await unpack(word)) ?? kept;
    tabs.append(
      choice({
        label: app.text("check.tabs"),
        values: [
          ["write", app.text("check.tab.write")],
          ["planted", app.text("check.tab.planted")],
        ],
        value: kept.tab,
        onChange: (value) => {
          kept.tab = value === "planted" ? "planted" : "write";
          keep();
          showOrTell();
        },
      }),
    );
    showOrTell();
  };
  return {
    element,
    shown: once(() => void begin()),
    hidden() {},
  };
};

/** The list of problems beside the one that is open. */
function writing(app: App, problems: Problem[], functions: NotationFunction[], progress: Progress, kept: Kept, onChange: (problem: string) => void): { element: HTMLElement; panel: () => ProblemPanel | null } {
  const place = h("div", {});
  let panel: ProblemPanel | null = null;
  const open = (problem: Problem, language: Language, source: string | null): void => {
    const following = next(problem);
    panel = problemPanel(app, problem, functions, progress, {
      language,
      source,
      onChange: () => onChange(problem.id),
      onSolved: () => list.show(problem.id),
      onNext: following === undefined ? null : () => go(following),
    });
    clear(place).append(panel.element);
    list.show(problem.id);
  };
  /** The next one that is not solved: in the order of the list, then from its beginning. */
  const next = (problem: Problem): Problem | undefined => {
    const order = [...problems].sort((a, b) => a.level - b.level);
    const here = order.indexOf(problem);
    return [...order.slice(here + 1), ...order.slice(0, here)].find((each) => !progress.has(each.id));
  };
  const go = (problem: Problem): void => {
    open(problem, panel?.language() ?? "notation", null);
    onChange(problem.id);
    panel?.focus();
    place.querySelector("h3")?.scrollIntoView({ block: "nearest" });
  };
  const list = problemList(app, problems, progress, (problem, keyboard) => {
    if (keyboard) return go(problem);
    open(problem, panel?.language() ?? "notation", null);
    onChange(problem.id);
    place.querySelector("h3")?.scrollIntoView({ block: "nearest" });
  });
  const linked = problems.find((each) => each.id === kept.problem);
  const first = linked ?? problems.find((each) => !progress.has(each.id)) ?? problems[0];
  if (first) open(first, kept.language, linked ? kept.source : null);
  return { element: h("div", { class: "beside" }, list.element, place), panel: () => panel };
}

/** What a link holds, if it is that. */
function read(text: string | null): Kept | null {
  try {
    const all: unknown = JSON.parse(text ?? "null");
    if (!Array.isArray(all)) return null;
    const [tab, problem, language, source] = all as unknown[];
    if (typeof problem !== "string") return null;
    return {
      tab: tab === "planted" ? "planted" : "write",
      problem,
      language: language === "javascript" ? "javascript" : "notation",
      source: typeof source === "string" ? source : null,
    };
  } catch {
    return null;
  }
}
