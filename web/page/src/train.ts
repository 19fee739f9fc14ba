// Train here: a network learns the sample digits while one looks on.

import type { App, MakeView } from "./app";
import { busy, button, clear, h, number, slider } from "./dom";
import type { Model } from "./protocol";
import { makeCurves } from "./train_curves";
import { makeExports } from "./train_exports";
import { TrainingRun, type Until } from "./train_run";
import { makeSettings, samePlan, type Settings } from "./train_settings";
import { makeHistograms, makeKernels } from "./train_weights";
import { makeReports } from "./train_reports";
import "./train.css";

const halvings = 3; // the slider goes from 1/8 to 8

function rateName(power: number): string {
  const factor = 2 ** power;
  if (Number.isInteger(power)) return factor >= 1 ? `×${factor}` : `×1/${2 ** -power}`;
  return `×${number(factor, 3)}`;
}

export const makeTrainView: MakeView = (app) => {
  const { text } = app;
  const element = h("div", { class: "stack train" }, h("h2", {}, text("train.title")), h("p", { class: "lead" }, text("train.lead")));
  let made: Parts | null = null;
  let waiting = false;
  return {
    element,
    shown() {
      made?.shown();
      if (made !== null || waiting) return;
      waiting = true;
      busy(element, app.engine.ask("models", {})).then(
        ({ models }) => {
          made = makeParts(app, models);
          element.append(made.element);
          made.shown();
        },
        (error: unknown) => tellError(app, error),
      ).finally(() => (waiting = false));
    },
    hidden: () => made?.hidden(),
  };
};

interface Parts {
  element: HTMLElement;
  shown(): void;
  hidden(): void;
}

function tellError(app: App, error: unknown): void {
  app.say(error instanceof Error ? error.message : String(error), "error");
}

function makeParts(app: App, models: Model[]): Parts {
  const { text } = app;
  let run: TrainingRun | null = null;
  let data: Promise<unknown> | null = null;
  let beginning: Promise<TrainingRun | null> | null = null;
  let power = 0;
  let visible = true;
  let planned = false;

  const settings: Settings = makeSettings(app, models, () => show());
  const curves = makeCurves(text);
  const histograms = makeHistograms(text);
  const kernels = makeKernels(text);
  const reports = makeReports(text);
  const exports = makeExports(app, () => run, (name) => models.find((model) => model.name === name), (error) => tellError(app, error));

  /** Begins a training anew, with what the fields say. */
  const begin = (): Promise<TrainingRun | null> => {
    run?.drop();
    run = null;
    data ??= app.digits.files().then((files) => app.engine.ask("data", files));
    beginning = data
      .then(() => TrainingRun.begin(app.engine, settings.plan(), show))
      .then((begun) => {
        run = begun;
        run.factor = 2 ** power;
        run.seen = visible;
        return run;
      })
      .catch((error: unknown) => {
        tellError(app, error);
        return null;
      })
      .finally(() => {
        beginning = null;
        show();
      });
    show();
    return busy(controls, beginning);
  };

  const go = async (until: Until) => {
    const current = run ?? (await (beginning ?? begin()));
    if (!visible && pauseWhenHidden.checked) return;
    try {
      await current?.go(until);
    } catch (error) {
      tellError(app, error);
    }
  };

  const pauseOrGo = () => {
    if (run?.running) run.pause();
    else void go("end");
    show();
  };
  const main = button("", pauseOrGo, { class: "primary" });
  const step = button(text("train.step"), () => void go("step"));
  const epoch = button(text("train.epoch"), () => void go("epoch"));
  const again = button(text("train.again"), () => void begin());
  const controls = h("div", { class: "row", role: "group", "aria-label": text("train.controls") }, main, step, epoch, again);

  const rate = h("div", { class: "row bottom train-rate" });
  const makeRate = () => {
    const field = slider({
      label: text("train.rate"),
      min: -halvings,
      max: halvings,
      step: 0.25,
      value: power,
      format: rateName,
      onInput: (value) => setRate(value),
    });
    const reset = button(text("train.rate.reset"), () => {
      setRate(0);
      makeRate();
      rate.querySelector("input")?.focus();
    });
    clear(rate).append(field, reset);
  };
  const setRate = (value: number) => {
    power = value;
    if (run !== null) run.factor = 2 ** value;
  };
  makeRate();

  const pauseWhenHidden = h("input", { type: "checkbox" });
  const hiddenField = h("label", { class: "train-hidden" }, pauseWhenHidden, " ", text("train.pause_when_hidden"));

  const progress = h("progress", { max: 1, value: 0, "aria-label": text("train.progress") });
  const place = h("p", { class: "numbers train-place" });
  const note = h("p", { class: "train-note", role: "status" });

  const show = () => {
    if (planned) return;
    planned = true;
    // A page in the background has no frames, and nothing to draw.
    requestAnimationFrame(() => {
      planned = false;
      draw();
    });
  };

  const draw = () => {
    const running = run?.running ?? false;
    const finished = run?.state.finished ?? false;
    const stuck = run?.diverged ?? false;
    main.textContent = running ? text("train.pause") : run === null || run.steps === 0 ? text("train.begin") : text("train.go_on");
    main.disabled = beginning !== null || ((finished || stuck) && !running);
    step.disabled = beginning !== null || (running && !run?.stepping) || finished || stuck;
    epoch.disabled = beginning !== null || running || finished || stuck;
    again.disabled = beginning !== null || run === null;

    const { state } = run ?? {};
    const steps = state === undefined ? 0 : run!.plan.epochs * state.batches;
    progress.max = steps || 1;
    progress.value = run?.steps ?? 0;
    place.textContent =
      state === undefined
        ? text("train.not_begun")
        : text("train.place", {
            epoch: Math.min(state.epoch + 1, state.epochs),
            epochs: state.epochs,
            step: state.finished ? state.batches : state.batch,
            steps: state.batches,
            rate: number(state.rate, 3),
            speed: Math.round(run?.speeds.at(-1)?.images ?? 0).toLocaleString("en"),
          });
    const words = stuck ? text("train.diverged") : run !== null && !samePlan(run.plan, settings.plan()) ? text("train.other_settings") : finished ? text("train.finished") : "";
    if (note.textContent !== words) note.textContent = words;
    note.classList.toggle("bad", stuck);
    note.hidden = words === "";

    if (!visible) return;
    curves.show(run);
    histograms.show(run);
    kernels.show(run);
    reports.show(run);
    exports.show();
  };

  const element = h(
    "div",
    { class: "stack" },
    h(
      "div",
      { class: "panel stack" },
      settings.element,
      h("div", { class: "row bottom train-controls" }, controls, rate),
      h("div", { class: "stack train-progress" }, progress, place, note),
      hiddenField,
    ),
    h("section", { class: "panel" }, curves.element),
    h("div", { class: "train-below" }, h("div", { class: "stack" }, kernels.element, reports.element, exports.element), histograms.element),
  );

  const header = runningNote(app);
  return {
    element,
    shown() {
      visible = true;
      header.hide();
      if (run !== null) run.seen = true;
      draw();
    },
    hidden() {
      visible = false;
      if (run !== null) run.seen = false;
      if (pauseWhenHidden.checked) run?.pause();
      else header.show(() => run);
    },
  };
}

/** A note in the page's header while a training runs that is not seen. */
function runningNote(app: App): { show(run: () => TrainingRun | null): void; hide(): void } {
  const words = h("span", { class: "train-running small", hidden: true });
  let timer = 0;
  return {
    hide() {
      clearInterval(timer);
      words.remove();
    },
    show(run) {
      const tell = () => {
        const { running, state } = run() ?? { running: false };
        words.hidden = !running;
        if (state !== undefined) words.textContent = app.text("train.running", { epoch: Math.min(state.epoch + 1, state.epochs), epochs: state.epochs });
      };
      tell();
      document.querySelector("header")?.append(words);
      timer = window.setInterval(tell, 500);
    },
  };
}
