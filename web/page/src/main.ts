// The page: its head, its views, and what they are about.

import "katex/dist/katex.min.css";
import "./style.css";
import "./shell.css";
import type { App, MakeView, View } from "./app";
import { makeCheckView } from "./check";
import { coloursChanged } from "./colours";
import { makeDeriveView } from "./derive";
import { choice, clear, h } from "./dom";
import { startEngine } from "./engine";
import { packed, unpack } from "./files";
import { makeLookView } from "./look";
import { makeSession, openFirst } from "./session";
import { address, type Address } from "./state";
import { makeStepsView } from "./steps";
import { digitStrip } from "./strip";
import { languageNames, text, useLanguage } from "./texts";
import { makeTrainView } from "./train";
import { makeTurnView } from "./turn";

const VIEWS: Record<string, MakeView> = {
  look: makeLookView,
  steps: makeStepsView,
  derive: makeDeriveView,
  check: makeCheckView,
  turn: makeTurnView,
  train: makeTrainView,
};
const WITH_DIGITS = ["look", "steps"];

const kept = {
  get: (key: string): string | null => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  },
  set: (key: string, value: string): void => {
    try {
      localStorage.setItem(key, value);
    } catch {
      // The browser keeps nothing: the choice holds until the page is closed.
    }
  },
};

function useTheme(theme: string): void {
  if (theme === "auto") document.documentElement.removeAttribute("data-theme");
  else document.documentElement.dataset.theme = theme;
  coloursChanged();
}

const status = h("div", { class: "status", role: "status", "aria-live": "polite" });
let quiet = 0;
const say: App["say"] = (message, kind = "info") => {
  status.textContent = message;
  status.classList.toggle("bad", kind === "error");
  status.classList.add("said");
  clearTimeout(quiet);
  quiet = window.setTimeout(() => status.classList.remove("said"), kind === "error" ? 12000 : 5000);
};

function switches(state: Address, language: string): HTMLElement {
  return h(
    "div",
    { class: "switches" },
    choice({
      label: text("app.language"),
      values: languageNames(),
      value: language,
      onChange: (code) => {
        kept.set("xgrad.language", code);
        state.set("lang", code);
        location.reload();
      },
    }),
    choice({
      label: text("app.theme"),
      values: ["auto", "light", "dark"].map((each) => [each, text(`app.theme.${each}`)]),
      value: kept.get("xgrad.theme") ?? "auto",
      onChange: (theme) => {
        kept.set("xgrad.theme", theme);
        useTheme(theme);
      },
    }),
  );
}

/** Scrolls the line of links, and nothing else, to one of them. */
function bringIntoSight(link: HTMLElement): void {
  const list = link.closest("ul")!;
  const [inner, outer] = [link.getBoundingClientRect(), list.getBoundingClientRect()];
  if (inner.left < outer.left || inner.right > outer.right) list.scrollLeft += inner.left - outer.left - 24;
}

async function begin(): Promise<void> {
  const page = document.getElementById("page")!;
  let show: (view: string) => void = () => {};
  let relink: () => void = () => {};
  const state = address(
    (view) => show(view),
    () => relink(),
  );
  const language = useLanguage(
    [state.get("lang"), kept.get("xgrad.language"), ...navigator.languages].filter((each) => each !== null),
  );
  document.documentElement.lang = language;
  document.title = text("app.title");
  useTheme(kept.get("xgrad.theme") ?? "auto");
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", coloursChanged);

  const links = new Map(
    Object.keys(VIEWS).map((name) => [name, h("a", { href: state.link(name) }, text(`app.view.${name}`))]),
  );
  relink = () => links.forEach((link, name) => link.setAttribute("href", state.link(name)));
  const nav = h(
    "nav",
    { "aria-label": text("app.parts") },
    h("ul", {}, ...[...links.values()].map((link) => h("li", {}, link))),
  );
  const main = h("main", { id: "main", tabindex: -1 });
  const strip = h("div", { class: "strip-place" });
  clear(page).append(
    h(
      "a",
      { class: "skip", href: "#main", onclick: (event) => (event.preventDefault(), main.focus()) },
      text("app.skip"),
    ),
    h(
      "header",
      { class: "head" },
      h("div", { class: "name" }, h("h1", {}, text("app.name")), h("p", {}, text("app.motto"))),
      switches(state, language),
      nav,
    ),
    strip,
    main,
    h("footer", { class: "foot" }, h("p", {}, text("app.foot"))),
    status,
  );

  const waiting = h("p", { class: "lead", "aria-busy": "true" }, text("app.loading"));
  main.append(waiting);

  const [script, wasm] = [unpack("worker.js"), packed("explorer.wasm")];
  if (script === null || wasm === null) throw new Error(text("app.no-library"));
  const engine = startEngine(script, wasm);
  await new Promise((resolve) => setTimeout(resolve)); // what stands so far is seen
  const app = makeSession(engine, state, say);
  await openFirst(app).catch((error: Error) => say(text("app.no-network", { message: error.message }), "error"));
  waiting.remove();
  strip.append(digitStrip(app));

  const made = new Map<string, View>();
  let open: View | null = null;
  show = (wish) => {
    const name = wish in VIEWS ? wish : "look";
    if (!made.has(name)) {
      const view = VIEWS[name]!(app);
      view.element.classList.add("view");
      made.set(name, view);
      main.append(view.element);
    }
    const next = made.get(name)!;
    if (next === open) return;
    open?.hidden();
    for (const view of made.values()) view.element.hidden = view !== next;
    strip.hidden = !WITH_DIGITS.includes(name);
    links.forEach((link, each) =>
      each === name ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current"),
    );
    bringIntoSight(links.get(name)!);
    document.title = `${text(`app.view.${name}`)} · ${text("app.title")}`;
    open = next;
    next.shown();
  };
  links.forEach((link, name) =>
    link.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      state.go(name);
      main.focus({ preventScroll: true });
    }),
  );
  show(state.view());
}

void begin().catch((error: Error) => say(text("app.failed", { message: error.message }), "error"));
