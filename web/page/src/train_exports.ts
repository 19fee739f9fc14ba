// What leaves a training: its hash with the command that gives the same, files, and the network for the other parts of the page.

import type { App } from "./app";
import { button, h } from "./dom";
import type { Model } from "./protocol";
import type { TrainingRun } from "./train_run";
import { commandOf } from "./train_settings";

function download(bytes: Uint8Array, name: string): void {
  const link = h("a", { href: URL.createObjectURL(new Blob([bytes.slice()], { type: "application/octet-stream" })), download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function copy(words: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    // Pages from a file have no clipboard in some browsers.
    const field = h("textarea", { class: "unseen" });
    field.value = words;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
}

export function makeExports(
  app: App,
  current: () => TrainingRun | null,
  modelOf: (name: string) => Model | undefined,
  failed: (error: unknown) => void,
): { element: HTMLElement; show(): void } {
  const { text, engine } = app;
  const hash = h("output", { class: "train-hash", "aria-label": text("train.hash") });
  const command = h("code");
  const copied = h("span", { class: "small muted", role: "status" });
  const copyButton = button(text("train.copy"), () => {
    void copy(command.textContent ?? "").then(() => (copied.textContent = text("train.copied")));
  });
  const same = h("div", { class: "stack train-command" }, h("p", { class: "small" }, text("train.hash.same")), h("pre", { tabindex: 0, "aria-label": text("train.command") }, command), h("div", { class: "row" }, copyButton, copied));
  const byHand = h("p", { class: "small" }, text("train.hash.by_hand"));

  /** The network that is trained becomes the open one. */
  const adopt = async (then: (name: string) => Promise<void> | void) => {
    try {
      const network = await engine.ask("adopt", {});
      app.adopted(network);
      await then(network.model);
    } catch (error) {
      failed(error);
    }
  };
  const buttons = [
    button(text("train.checkpoint"), () => void adopt(async (name) => download((await engine.ask("save", {})).file, `${name}.safetensors`))),
    button(text("train.onnx"), () => void adopt(async (name) => download((await engine.ask("onnx", {})).file, `${name}.onnx`))),
    button(text("train.look"), () => void adopt(() => app.state.go("look"))),
  ];

  const element = h(
    "section",
    { class: "panel" },
    h("h3", {}, text("train.weights")),
    h("div", { class: "stack train-same" }, h("p", { class: "row" }, h("span", { class: "label" }, text("train.hash")), hash), same, byHand),
    h("p", { class: "small muted" }, text("train.take")),
    h("div", { class: "row" }, ...buttons),
  );
  return {
    element,
    show() {
      const run = current();
      element.hidden = run === null;
      if (run === null) return;
      hash.textContent = run.state.hash;
      const words = commandOf(run.plan, modelOf(run.plan.model), run.steps);
      if (command.textContent !== words) {
        command.textContent = words;
        copied.textContent = "";
      }
      same.hidden = run.byHand || run.running || run.steps === 0;
      byHand.hidden = !run.byHand;
    },
  };
}
