// The list of problems, easy to hard, with what is solved.

import type { App } from "./app";
import { button, clear, h } from "./dom";
import type { Progress } from "./progress";
import type { Problem } from "./protocol";
import { layerName, wantedName } from "./titles";

export interface ProblemList {
  element: HTMLElement;
  /** Shows which problem is open, and the ticks as they are now. */
  show(open: string): void;
}

export function problemList(app: App, problems: Problem[], progress: Progress, onOpen: (problem: Problem, keyboard: boolean) => void): ProblemList {
  const done = h("span", { class: "muted small" });
  const groups = h("div", { class: "levels" });
  const wide = matchMedia("(min-width: 60rem)");
  const element = h("details", { class: "problems" }, h("summary", {}, h("strong", {}, app.text("check.problems")), " ", done), groups);
  element.open = wide.matches;
  wide.addEventListener("change", () => (element.open = wide.matches));
  let opened = "";

  /** Tells problems of the same name apart. */
  const numberOf = (problem: Problem): string => {
    const name = (each: Problem): string => `${each.title} ${each.wanted.name}`;
    const same = problems.filter((each) => each.start !== "" && name(each) === name(problem));
    if (problem.start === "" || same.length < 2) return "";
    return app.text("check.puzzleNumber", { number: same.indexOf(problem) + 1 });
  };
  const draw = (): void => {
    const focused = groups.contains(document.activeElement);
    clear(groups).append(h("p", { class: "small muted key", "aria-hidden": "true" }, app.text("check.signKey")));
    for (const level of [1, 2, 3]) {
      const here = problems.filter((each) => each.level === level);
      if (here.length === 0) continue;
      groups.append(h("h4", {}, app.text(`check.level.${level}`)), h("ul", {}, ...here.map((problem) => h("li", {}, entry(problem)))));
    }
    const solved = problems.filter((each) => progress.has(each.id)).length;
    done.textContent = app.text("check.solved", { solved, all: problems.length });
    if (solved > 0) groups.append(button(app.text("check.forget"), forget, { class: "plain small" }));
    if (focused) groups.querySelector<HTMLElement>("[aria-current]")?.focus({ preventScroll: true });
  };
  // One Tab stop: arrows go through the list.
  groups.addEventListener("keydown", (event) => {
    const all = [...groups.querySelectorAll<HTMLElement>("li > button")];
    const at = all.indexOf(event.target as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const next = all[Math.max(0, Math.min(all.length - 1, to))]!;
    for (const each of all) each.tabIndex = each === next ? 0 : -1;
    next.focus();
  });
  const forget = (): void => {
    if (!confirm(app.text("check.forgetAsk"))) return;
    progress.forget();
    draw();
  };
  const entry = (problem: Problem): HTMLElement => {
    const solved = progress.has(problem.id);
    return h(
      "button",
      {
        type: "button",
        "aria-current": problem.id === opened ? "true" : null,
        tabindex: problem.id === opened ? 0 : -1,
        onclick: (event) => {
          if (!wide.matches) element.open = false;
          onOpen(problem, (event as MouseEvent).detail === 0);
        },
      },
      h("span", { class: "tick", "aria-hidden": "true" }, solved ? "✓" : problem.start === "" ? "○" : "?"),
      h("span", {}, layerName(app, problem), ": ", h("span", { class: "what" }, wantedName(problem)), numberOf(problem) === "" ? null : h("span", { class: "nth" }, ` ${numberOf(problem)}`)),
      h("span", { class: "unseen" }, app.text(solved ? "check.isSolved" : problem.start === "" ? "check.isFree" : "check.isPuzzle")),
    );
  };
  return {
    element,
    show(open) {
      opened = open;
      draw();
    },
  };
}
