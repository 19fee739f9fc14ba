// The curves of a training: the loss of each step, the test error after each epoch, the speed.

import type { Text } from "./app";
import { chartView, roundUp, type Point } from "./charts";
import { choice, h, number } from "./dom";
import type { TrainingRun } from "./train_run";

const averaged = 20; // steps of the running mean

export interface Curves {
  element: HTMLElement;
  show(run: TrainingRun | null): void;
}

/** The mean of the last `count` numbers at each place, of as many as there are in the beginning. */
export function runningMean(values: readonly number[], count: number): number[] {
  let sum = 0;
  return values.map((value, i) => {
    sum += value;
    if (i >= count) sum -= values[i - count];
    return sum / Math.min(i + 1, count);
  });
}

export const percent = (fraction: number): string => `${number(100 * fraction, 3)} %`;

export function makeCurves(text: Text): Curves {
  let logarithmic = false;
  let shown: TrainingRun | null = null;
  const loss = chartView(text("train.loss", { count: averaged }), text("train.loss.axis"), text("train.step.axis"));
  const error = chartView(text("train.error"), text("train.error.axis"), text("train.epoch.axis"));
  const speed = chartView(text("train.speed"), text("train.speed.axis"), text("train.steps.axis"));
  const axis = choice({
    label: text("train.axis"),
    values: [["linear", text("train.axis.linear")], ["logarithmic", text("train.axis.logarithmic")]],
    value: "linear",
    onChange: (value) => {
      logarithmic = value === "logarithmic";
      show(shown);
    },
  });

  /** The axis of steps grows with them, so that the first ones are seen, and ends with the training. */
  const lastStep = (run: TrainingRun | null) => {
    const all = run === null ? 100 : run.plan.epochs * run.state.batches;
    return Math.min(all, Math.max(100, roundUp((run?.steps ?? 0) * 1.05)));
  };

  const show = (run: TrainingRun | null) => {
    shown = run;
    const losses = run?.losses ?? [];
    const means = runningMean(losses, averaged);
    const finite = losses.filter(Number.isFinite);
    const most = finite.reduce((a, b) => Math.max(a, b), 0) || 2.5;
    const least = finite.reduce((a, b) => (b > 0 ? Math.min(a, b) : a), most);
    const batches = run?.state.batches ?? Infinity;
    const across = { from: 0, to: lastStep(run), whole: true };
    const point = (value: number, i: number): Point => [i + 1, value];
    loss.show({
      across,
      up: logarithmic ? { from: 10 ** Math.floor(Math.log10(least)), to: Math.max(most, least * 2) * 1.1, logarithmic } : { from: 0, to: most * 1.05 },
      dots: losses.map(point),
      line: means.map(point),
      rules: Array.from({ length: Math.ceil(across.to / batches) - 1 }, (_, i) => (i + 1) * batches),
      description:
        losses.length === 0
          ? text("train.nothing")
          : text("train.loss.told", { step: losses.length, loss: number(losses[losses.length - 1], 3), mean: number(means[means.length - 1], 3) }),
    });

    const reports = run?.reports ?? [];
    const errors = reports.map((report): Point => [report.epoch, 100 * report.error]);
    error.show({
      across: { from: 0, to: run?.plan.epochs ?? 3, whole: true },
      up: { from: 0, to: errors.length === 0 ? 10 : Math.max(...errors.map(([, value]) => value)) * 1.15 || 1 },
      line: errors,
      named: errors.map((at) => ({ at, name: percent(at[1] / 100) })),
      description:
        reports.length === 0
          ? text("train.nothing")
          : reports.map((report) => text("train.error.told", { epoch: report.epoch, error: percent(report.error) })).join(" "),
    });

    const speeds = (run?.speeds ?? []).map(({ step, images }): Point => [step, images]);
    const fastest = speeds.reduce((a, [, images]) => Math.max(a, images), 0);
    speed.show({
      across,
      up: { from: 0, to: fastest * 1.1 || 1000 },
      line: speeds,
      description: speeds.length === 0 ? text("train.nothing") : text("train.speed.told", { images: Math.round(speeds[speeds.length - 1][1]) }),
    });
  };

  const element = h("div", { class: "train-curves" }, h("div", { class: "stack" }, loss.element, axis), h("div", { class: "stack" }, error.element, speed.element));
  return { element, show };
}
