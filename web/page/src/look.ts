// Draw and look: a digit goes through a network, and everything on its way is shown.

import type { App, Digit, View } from "./app";
import { choice, clear, h, number } from "./dom";
import { drawingPad } from "./draw";
import { heatMap, largest, legend } from "./heat_map";
import { latest } from "./latest";
import { layerMaps, type Looked, type Scales } from "./look_layers";
import { clipped, unitPanel } from "./look_unit";
import { weightMaps } from "./look_weights";
import { outputBars } from "./outputs";
import type { Recording, Tensor, Unit } from "./protocol";
import { cropped, saliencyMap } from "./saliency";
import { trainedNames } from "./session";
import "./look.css";

const QUICK = 90; // milliseconds: a recording that takes less is made with each stroke
const SURE = 1e-4; // with a smaller loss there is nearly no gradient
const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 40)); // leaves time to draw
const NEW = ["lenet5", "bouvrie", "cnn", "mlp"];

/** Makes what a place holds anew if its key is another one. What had the focus has it again. */
function renew(place: HTMLElement, key: string, make: () => HTMLElement): void {
  if (place.dataset.key === key) return;
  place.dataset.key = key;
  const focused = place.contains(document.activeElement);
  clear(place);
  if (key === "") return;
  place.append(make());
  if (focused) place.querySelector<HTMLElement>("select, input:checked")?.focus();
}

export function makeLookView(app: App): View {
  const { text, state } = app;
  let recording: Recording | null = null;
  let recorded: Tensor = app.digit().image;
  let score = Number(state.get("of") ?? -1);
  let scales: Scales = state.get("scale") === "one" ? "one" : "own";
  let inner = state.get("inner") !== "no";
  let visible = false;
  let stale = true;
  let looked: Looked | null = null;
  let unit: Unit | null = null;
  let pinned = false;

  const predicting = latest();
  const recordingWork = latest();
  const asking = latest();

  const pad = drawingPad(
    text,
    (image) => {
      predicting(async () => {
        const { outputs, probabilities } = await app.engine.ask("predict", { image });
        bars.draw(outputs, probabilities);
      });
      if ((recording?.milliseconds ?? Infinity) < QUICK) recordingWork(() => record({ image, label: -1 }).then(pause));
    },
    (image) => app.setDigit({ image, label: -1 }),
  );
  const bars = outputBars(text, (next) => choose(next));
  const imageMap = heatMap({
    title: text("look.image-gradient"),
    scale: 1,
    pixel: 7,
    onPoint: (index) => {
      const x = recording?.values.find((each) => each.name === "x");
      if (index === null || x === undefined || pinned) return;
      const [height, width] = x.value.shape.slice(-2) as [number, number];
      look(
        {
          place: x.place,
          index: [
            ...x.value.shape.slice(0, -2).map(() => 0),
            index[0]! + (height - recorded.shape[0]!) / 2,
            index[1]! + (width - recorded.shape[1]!) / 2,
          ],
        },
        false,
      );
    },
  });
  const digitMap = heatMap({ title: text("look.image"), scale: 255, colours: "ink", pixel: 7 });
  const saliency = saliencyMap();
  const imageScale = h("div", { class: "row small" });
  const layers = layerMaps(
    text,
    (next) => !pinned && look(next, false),
    (next) => look(next, true),
  );
  const weights = weightMaps(text);
  const panel = unitPanel(text, () => {
    pinned = false;
    look(null, false);
  });
  const imageHelp = h("p", { class: "small muted" });
  const sure = h("p", { class: "small", hidden: true }, text("look.sure"));
  const facts = h("p", { class: "small muted numbers" });
  const subjects = h("div");
  const answers = h("div");
  const networks = h("div");
  const body = h("div", { class: "look-body" });

  function look(next: Looked | null, pin: boolean): void {
    if (
      pin &&
      pinned &&
      looked !== null &&
      next !== null &&
      looked.place === next.place &&
      looked.index.join() === next.index.join()
    )
      pinned = false;
    else if (pin) pinned = next !== null;
    looked = next;
    if (next === null) return show(null);
    asking(async () => {
      const answer = await app.engine.ask("unit", next).catch(() => null);
      if (looked === next) show(answer);
    });
  }

  function show(answer: Unit | null): void {
    unit = answer;
    if (recording === null) return;
    panel.draw(recording, recorded, looked, unit, pinned);
    layers.frame(looked, unit);
    const frames = unit?.field == null ? [] : [clipped(unit.field, recorded)];
    for (const map of [digitMap, imageMap]) map.mark(frames);
  }

  /** The right answer: the digit's label, or what somebody says it is, or what the network takes it for. */
  async function answerOf(digit: Digit): Promise<number> {
    if (digit.label >= 0) return digit.label;
    const said = state.get("label");
    if (said !== null) return Number(said);
    const { outputs } = await app.engine.ask("predict", { image: digit.image });
    return outputs.indexOf(Math.max(...outputs));
  }

  async function record(digit: Digit): Promise<void> {
    try {
      const label = await answerOf(digit);
      const next = await app.engine.ask("record", { image: digit.image, label, score });
      recording = next;
      recorded = digit.image;
      draw(label, digit.label >= 0);
    } catch (error) {
      app.say(text("look.failed", { message: (error as Error).message }), "error");
    } finally {
      body.removeAttribute("aria-busy");
    }
  }

  function draw(label: number, known: boolean): void {
    if (recording === null) return;
    bars.draw(recording.outputs, recording.probabilities);
    bars.choose(score);
    layers.draw(recording, { scales, inner });
    weights.draw(recording, scales);
    const best = recording.outputs.indexOf(Math.max(...recording.outputs));
    facts.textContent = text(score >= 0 ? "look.facts-score" : known ? "look.facts" : "look.facts-drawn", {
      best,
      label,
      class: score,
      loss: number(recording.loss),
      milliseconds: recording.milliseconds.toFixed(0),
    });

    sure.hidden = score >= 0 || recording.loss >= SURE;
    imageHelp.textContent = score >= 0 ? text("look.image-help-score", { class: score }) : text("look.image-help");
    const x = recording.values.find((each) => each.name === "x");
    const [height, width] = recorded.shape as [number, number];
    digitMap.draw(recorded);
    clear(imageScale);
    if (x?.gradient != null) {
      const gradient = cropped(x.gradient, height, width);
      const scale = largest(gradient);
      imageMap.draw(gradient, scale);
      saliency.draw(recorded, gradient, scale, text("look.saliency"));
      imageScale.append(h("span", {}, text("look.scale-image")), legend(scale));
    }
    const classes = recording.outputs.map((_, k) => String(k));
    renew(answers, known || score >= 0 ? "" : `${classes.length} ${label}`, () =>
      choice({
        label: text("look.answer"),
        values: classes.map((k) => [k, k]),
        value: String(label),
        onChange: (value) => (state.set("label", value), refresh()),
      }),
    );
    renew(subjects, `${classes.length} ${score}`, () =>
      choice({
        label: text("look.of"),
        values: [
          ["-1", text("look.of-loss")],
          ...classes.map((k): [string, string] => [k, text("look.of-score", { class: k })]),
        ],
        value: String(score),
        onChange: (value) => choose(Number(value)),
      }),
    );
    if (looked !== null) look(looked, false);
    else show(null);
  }

  function choose(next: number): void {
    score = next;
    state.set("of", next < 0 ? null : String(next));
    refresh();
  }

  function refresh(): void {
    stale = !visible;
    if (!visible || app.network() === null) return;
    body.setAttribute("aria-busy", "true");
    recordingWork(() => record(app.digit()));
  }

  function drawNetworks(): void {
    const trained = trainedNames();
    const network = app.network();
    const now = state.get("net") ?? (network === null && trained.includes("lenet5") ? "lenet5" : "");
    const own = network !== null && now === ""; // it was trained here
    const value = own ? "own" : trained.includes(now) ? `trained ${now}` : `new ${network?.model ?? ""}`;
    const values = [
      ...trained.map((name): [string, string] => [
        `trained ${name}`,
        text("look.trained", { name: text(`look.net.${name}`) }),
      ]),
      ...NEW.map((name): [string, string] => [`new ${name}`, text("look.new", { name: text(`look.net.${name}`) })]),
    ];
    if (!values.some(([each]) => each === value))
      values.push([value, own ? text("look.adopted", { name: text(`look.net.${network.model}`) }) : (network?.model ?? "")]);
    renew(networks, JSON.stringify([values, value]), () =>
      choice({
        label: text("look.network"),
        values,
        value,
        onChange: (wish) => {
          const [kind, name] = wish.split(" ") as [string, string];
          const opening = kind === "trained" ? app.openTrained(name) : app.openNew(name, {}, 1);
          opening.catch((error: Error) => app.say(text("look.failed", { message: error.message }), "error"));
        },
      }),
    );
  }

  const redraw = () => refresh();
  body.append(
    h(
      "div",
      { class: "look-top" },
      h("section", { class: "panel" }, h("h3", {}, text("look.draw")), pad.element),
      h("section", { class: "panel" }, h("h3", {}, text("look.outputs")), bars.element, facts, sure),
      h(
        "section",
        { class: "panel" },
        h("h3", {}, text("look.image-title")),
        imageHelp,
        h(
          "div",
          { class: "row top images" },
          h("figure", {}, digitMap.element, h("figcaption", {}, text("look.image"))),
          h("figure", {}, imageMap.element, h("figcaption", {}, text("look.image-gradient"))),
          h("figure", {}, saliency.element, h("figcaption", {}, text("look.saliency"))),
        ),
        imageScale,
      ),
    ),
    h(
      "div",
      { class: "look-main" },
      h("div", { class: "stack" }, layers.element, weights.element),
      h("div", { class: "beside" }, panel.element),
    ),
  );
  const element = h(
    "div",
    { class: "stack look" },
    h("div", {}, h("h2", {}, text("look.title")), h("p", { class: "lead" }, text("look.lead"))),
    h(
      "div",
      { class: "row bottom controls" },
      networks,
      subjects,
      answers,
      choice({
        label: text("look.scales"),
        values: [
          ["one", text("look.scales-one")],
          ["own", text("look.scales-own")],
        ],
        value: scales,
        onChange: (value) => ((scales = value as Scales), state.set("scale", value === "one" ? "one" : null), redraw()),
      }),
      choice({
        label: text("look.inner"),
        values: [
          ["yes", text("look.inner-yes")],
          ["no", text("look.inner-no")],
        ],
        value: inner ? "yes" : "no",
        onChange: (value) => ((inner = value === "yes"), state.set("inner", inner ? null : "no"), redraw()),
      }),
    ),
    body,
  );
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && pinned) {
      pinned = false;
      look(null, false);
    }
  });

  app.onDigit((digit) => {
    pad.show(digit.image);
    if (digit.label >= 0 || digit.image.data.every((x) => x === 0)) state.set("label", null);
    refresh();
  });
  app.onNetwork(() => {
    looked = null;
    pinned = false;
    drawNetworks();
    refresh();
  });
  drawNetworks();
  pad.show(app.digit().image);
  return {
    element,
    shown() {
      visible = true;
      if (stale) refresh();
    },
    hidden() {
      visible = false;
    },
  };
}
