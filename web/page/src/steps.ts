// Forwards and back, step by step: one sweep over a digit, with every op and every rule.

import type { MakeView } from "./app";
import { button, busy, choice, clear, h, svg } from "./dom";
import { memoryChart, type MemoryChart } from "./memory_chart";
import { stepWords } from "./ops";
import type { Recording } from "./protocol";
import { stepCard } from "./step_card";
import { timeline, type Timeline } from "./timeline";
import "./steps.css";

const pause = 1100; // milliseconds that a step is shown while playing

export const makeStepsView: MakeView = (app) => {
  let recording: Recording | null = null;
  let line: Timeline | null = null;
  let chart: MemoryChart | null = null;
  let step = Number(app.state.get("step") ?? 0) || 0;
  let of = app.state.get("of") ?? "loss"; // or a class
  let playing: number | null = null;
  let stale = true;
  let visible = false;
  let asked = 0;

  const message = h("p", { class: "muted", role: "status" }, "");
  const fields = h("div", {});
  const range = h("input", { type: "range", min: 0, max: 0, step: 1, value: 0, "aria-label": app.text("steps.slider"), oninput: () => go(Number(range.value)) });
  const place = h("output", { class: "numbers" });
  const play = button("", () => (playing === null ? start() : stop()), { class: "primary play" });
  const arrows = (path: string, key: string, to: () => number) => {
    const made = button("", () => (stop(), go(to())), { "aria-label": app.text(key), title: app.text(key), class: "icon" });
    made.append(svg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" }, svg("path", { d: path, fill: "currentColor" })));
    return made;
  };
  const drawing = h("div", { class: "panel way-panel" });
  const card = h("div", { class: "step-place" });
  const last = () => (recording?.steps.length ?? 1) - 1;
  const turn = () => Math.max(0, recording?.steps.findIndex(({ kind }) => kind === "rule") ?? 0);

  const controls = h(
    "div",
    { class: "controls", role: "group", "aria-label": app.text("steps.controls") },
    arrows("M2 2h2v12H2zM14 2v12L5 8z", "steps.first", () => 0),
    arrows("M12 2v12L3 8z", "steps.previous", () => step - 1),
    play,
    arrows("M4 2v12l9-6z", "steps.next", () => step + 1),
    arrows("M12 2h2v12h-2zM2 2v12l9-6z", "steps.last", last),
    button(app.text("steps.turn"), () => (stop(), go(turn())), { class: "turn-button" }),
    h("div", { class: "scrub" }, range, place),
  );
  const body = h("div", { class: "stack", hidden: true }, drawing, card);
  const legendItem = (kind: string, key: string) => h("span", { class: "item" }, h("span", { class: `sample ${kind}` }), app.text(key));
  const legend = h(
    "div",
    { class: "legend-line small", "aria-hidden": "true" },
    legendItem("held", "steps.legend.held"),
    legendItem("freed", "steps.legend.freed"),
    legendItem("later", "steps.legend.later"),
    legendItem("path", "steps.legend.path"),
    legendItem("leaf", "steps.legend.leaf"),
  );
  const element = h(
    "section",
    { class: "view steps", "aria-label": app.text("steps.title"), onkeydown: (event) => onKey(event as KeyboardEvent) },
    h("div", { class: "row between bottom" }, h("div", {}, h("h2", {}, app.text("steps.title")), h("p", { class: "lead" }, app.text("steps.lead"))), fields),
    message,
    body,
  );

  function go(to: number): void {
    if (recording === null) return;
    step = Math.max(0, Math.min(last(), to));
    app.state.set("step", step === 0 ? null : String(step));
    line?.show(step);
    chart?.show(step);
    const shown = recording.steps[step];
    const words = shown === undefined ? "" : stepWords(app, shown, recording.values);
    range.value = String(step);
    range.setAttribute("aria-valuetext", `${step + 1}: ${words}`);
    place.textContent = `${step + 1} / ${last() + 1}`;
    const room = card.offsetHeight;
    card.style.minHeight = playing === null ? "" : `${room}px`; // the page should not jump while it plays
    clear(card).append(stepCard(app, recording, step));
  }

  function labelPlay(): void {
    play.textContent = app.text(playing === null ? "steps.play" : "steps.pause");
  }

  function start(): void {
    if (recording === null) return;
    if (step >= last()) go(0);
    playing = window.setInterval(() => {
      go(step + 1);
      if (step >= last()) stop();
    }, pause);
    labelPlay();
  }

  function stop(): void {
    if (playing !== null) window.clearInterval(playing);
    playing = null;
    card.style.minHeight = "";
    labelPlay();
  }

  function onKey(event: KeyboardEvent): void {
    const target = event.target instanceof Element ? event.target : null;
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || target?.closest("input, select, textarea, canvas, dialog")) return;
    const moves: Record<string, number> = { ArrowRight: step + 1, ArrowLeft: step - 1, Home: 0, End: last() };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    stop();
    go(to);
  }

  function drawFields(): void {
    const classes = app.network()?.classes ?? 10;
    const scores = Array.from({ length: classes }, (_, i): [string, string] => [String(i), app.text("steps.of-score", { class: i })]);
    clear(fields).append(
      choice({
        label: app.text("steps.of"),
        values: [["loss", app.text("steps.of-loss")], ...scores],
        value: of,
        onChange: (value) => {
          of = value;
          app.state.set("of", value === "loss" ? null : value);
          void record();
        },
      }),
    );
  }

  function show(next: Recording): void {
    recording = next;
    const onStep = (to: number) => (stop(), go(to));
    line = timeline(app, next, onStep);
    chart = memoryChart(app, next, onStep);
    range.max = String(last());
    clear(drawing).append(controls, line.element, legend, chart.element);
    body.hidden = false;
    message.textContent = "";
    message.hidden = true;
    go(step);
  }

  async function record(): Promise<void> {
    if (app.network() === null) {
      message.textContent = app.text("steps.no-network");
      return;
    }
    stop();
    stale = false;
    const mine = ++asked;
    const { image, label } = app.digit();
    const request = async () => {
      let truth = label;
      if (truth < 0) {
        const { outputs } = await app.engine.ask("predict", { image });
        truth = outputs.indexOf(Math.max(...outputs));
      }
      return app.engine.ask("record", { image, label: truth, score: of === "loss" ? -1 : Number(of) });
    };
    try {
      const next = await busy(element, request());
      if (mine !== asked) return;
      show(next);
    } catch (error) {
      if (mine !== asked) return;
      body.hidden = true;
      message.hidden = false;
      message.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  function outdated(): void {
    stale = true;
    if (visible) void record();
  }

  labelPlay();
  drawFields();
  app.onNetwork(() => {
    drawFields();
    outdated();
  });
  app.onDigit(outdated);
  return {
    element,
    shown() {
      visible = true;
      if (stale) void record();
    },
    hidden() {
      visible = false;
      stop();
    },
  };
};
