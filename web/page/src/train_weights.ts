// What a training does to the weights: the histogram of each parameter's gradient, and the first kernels.

import type { Text } from "./app";
import { choice, clear, h, number } from "./dom";
import { heatMap, largest, legend } from "./heat_map";
import { histogram, largestOf, steadyScale, type Histogram } from "./histogram";
import type { Tensor } from "./protocol";
import type { TrainingRun } from "./train_run";

const shownKernels = 6;

interface Part {
  element: HTMLElement;
  show(run: TrainingRun | null): void;
}

/** Small histograms side by side, each with 0 in its middle. */
export function makeHistograms(text: Text): Part {
  const grid = h("div", { class: "histograms" });
  const note = h("p", { class: "small muted" }, text("train.gradients.none"));
  const made = new Map<string, { view: Histogram; scale: number }>();
  let together = false;
  let common = 0;
  let shown: TrainingRun | null = null;
  const scales = choice({
    label: text("train.scales"),
    values: [["own", text("train.scales.own")], ["one", text("train.scales.one")]],
    value: "own",
    onChange: (value) => {
      together = value === "one";
      show(shown);
    },
  });

  const show = (run: TrainingRun | null) => {
    shown = run;
    const gradients = run?.gradients ?? [];
    note.hidden = gradients.length > 0;
    scales.hidden = gradients.length === 0;
    if (gradients.map(({ name }) => name).join() !== [...made.keys()].join()) {
      made.clear();
      common = 0;
      for (const { name } of gradients) made.set(name, { view: histogram(name), scale: 0 });
      clear(grid).append(...[...made.values()].map(({ view }) => view.element));
    }
    common = steadyScale(common, Math.max(0, ...gradients.map(largestOf)));
    for (const gradient of gradients) {
      const one = made.get(gradient.name);
      if (one === undefined) continue;
      one.scale = steadyScale(one.scale, largestOf(gradient));
      const { name, low, high, counts } = gradient;
      const count = counts.reduce((a, b) => a + b, 0);
      one.view.show(gradient, (together ? common : one.scale) || 1, text("train.gradient.told", { name, count, low: number(low, 3), high: number(high, 3) }));
    }
  };
  const element = h(
    "section",
    { class: "panel" },
    h("h3", {}, text("train.gradients")),
    h("p", { class: "small muted" }, text("train.gradients.what")),
    scales,
    grid,
    note,
  );
  return { element, show };
}

/** The first planes of kernels (O, C, H, W), as (count, H, W). */
function planesOf({ shape, data }: Tensor, count: number): Tensor {
  const [height, width] = shape.slice(-2);
  const planes = Math.min(count, data.length / (height * width));
  return { shape: [planes, height, width], data: data.slice(0, planes * height * width) };
}

/** The first kernels as they are, and what was added to them since the beginning. */
export function makeKernels(text: Text): Part {
  const now = heatMap({ title: text("train.kernels.now"), scale: 1, pixel: 11, caption: true });
  const added = heatMap({ title: text("train.kernels.added"), scale: 1, pixel: 11, caption: true });
  const bar = h("div");
  const name = h("code");
  let scale = 0;
  let barScale = 0;
  const element = h(
    "section",
    { class: "panel" },
    h("h3", {}, text("train.kernels"), " ", name),
    h("p", { class: "small muted" }, text("train.kernels.what")),
    h("div", { class: "row top train-kernels" }, now.element, added.element),
    bar,
  );
  return {
    element,
    show(run) {
      element.hidden = run === null || run.kernels === null || run.kernels.shape.length !== 4;
      if (run?.kernels == null || element.hidden) return;
      const planes = planesOf(run.kernels, shownKernels);
      scale = steadyScale(scale, largest(planes));
      name.textContent = run.kernelsName;
      now.draw(planes, scale);
      added.element.hidden = run.firstKernels === null;
      if (run.firstKernels !== null) {
        const first = planesOf(run.firstKernels, shownKernels);
        added.draw({ shape: planes.shape, data: Float64Array.from(planes.data, (value, i) => value - first.data[i]) }, scale);
      }
      if (barScale !== scale) clear(bar).append(legend(scale));
      barScale = scale;
    },
  };
}
