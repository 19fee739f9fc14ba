// A place to write a program in: line numbers, errors where they are, Ctrl+Enter to run.

import { clear, h, uniqueId } from "./dom";

export interface EditorOptions {
  label: string;
  source: string;
  lines: number; // shown at least
  numbered: boolean;
  onInput: (source: string) => void;
  onRun: () => void;
}

export interface Editor {
  element: HTMLElement;
  source(): string;
  write(source: string): void;
  /** Puts text at the cursor; `back` characters of it stand behind the cursor then. */
  insert(text: string, back?: number): void;
  /** Tells an error: at an index of a character, or in a line counted from 1. */
  wrong(message: string, where?: { at: number } | { line: number }): void;
  focus(): void;
  /** Takes the error away. */
  right(): void;
}

export function makeEditor(options: EditorOptions): Editor {
  const errors = uniqueId("error");
  const gutter = h("div", { class: "gutter", "aria-hidden": "true" });
  const area = h("textarea", {
    class: "code",
    spellcheck: "false",
    autocapitalize: "off",
    autocomplete: "off",
    "aria-label": options.label,
    "aria-describedby": errors,
    wrap: options.numbered ? "off" : "soft",
    rows: options.lines,
  });
  const told = h("div", { id: errors, class: "told", role: "alert" });
  const element = h("div", { class: options.numbered ? "editor numbered" : "editor" }, h("div", { class: "sheet" }, options.numbered ? gutter : null, area), told);
  let wrongLine = 0;

  const lay = (): void => {
    const lines = area.value.split("\n").length;
    area.rows = Math.max(options.lines, lines + (options.numbered ? 1 : 0));
    if (!options.numbered) return;
    clear(gutter);
    for (let line = 1; line <= lines; ++line) gutter.append(h("span", { class: line === wrongLine ? "wrong" : null }, String(line)));
  };
  const right = (): void => {
    wrongLine = 0;
    clear(told);
    area.removeAttribute("aria-invalid");
    lay();
  };
  const changed = (): void => {
    right();
    options.onInput(area.value);
  };
  const put = (text: string, back: number): void => {
    area.focus();
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.selectionStart = area.selectionEnd = area.selectionEnd - back;
    changed();
  };

  area.value = options.source;
  lay();
  area.addEventListener("input", changed);
  area.addEventListener("scroll", () => (gutter.scrollTop = area.scrollTop));
  area.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      options.onRun();
    } else if (options.numbered && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      const line = area.value.slice(0, area.selectionStart).split("\n").pop() ?? "";
      put("\n" + (/^\s*/.exec(line)?.[0] ?? "") + (/[{([]\s*$/.test(line) ? "  " : ""), 0);
    }
  });

  return {
    element,
    right,
    source: () => area.value,
    focus: () => area.focus(),
    write(source) {
      area.value = source;
      right();
    },
    insert: (text, back = 0) => put(text, back),
    wrong(message, where) {
      right();
      area.setAttribute("aria-invalid", "true");
      if (where && "line" in where) {
        wrongLine = where.line;
        lay();
      }
      if (where && "at" in where) told.append(pointedAt(area.value, where.at));
      told.append(h("p", {}, message));
    },
  };
}

/** The line of a character, with a caret under it. */
function pointedAt(source: string, at: number): HTMLElement {
  const characters = [...source];
  const index = Math.min(Math.max(at, 0), characters.length);
  const before = characters.slice(0, index).join("").split("\n");
  const line = source.split("\n")[before.length - 1] ?? "";
  const column = [...(before.pop() ?? "")].length;
  return h("pre", { "aria-hidden": "true" }, line + "\n", " ".repeat(column), h("span", { class: "caret" }, "^"));
}
