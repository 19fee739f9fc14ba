// What the views share: the library, the open network, the digit.

import type { App, Digit } from "./app";
import { coarse, packImage, readDigits, unpackImage } from "./digits";
import { packedNames, unpack } from "./files";
import type { Choices, Engine, Network, Tensor } from "./protocol";
import type { Address } from "./state";
import { text } from "./texts";

type DataFile = "train_images" | "train_labels" | "test_images" | "test_labels";

const NAMES: Record<DataFile, string> = {
  train_images: "train-images-idx3-ubyte",
  train_labels: "train-labels-idx1-ubyte",
  test_images: "t10k-images-idx3-ubyte",
  test_labels: "t10k-labels-idx1-ubyte",
};

/** The checkpoints that the page holds, by name. */
export function trainedNames(): string[] {
  return packedNames()
    .filter((name) => name.endsWith(".safetensors"))
    .map((name) => name.slice(0, -".safetensors".length));
}

const filled = (bytes: Uint8Array | null): Uint8Array => bytes ?? new Uint8Array(16);

function writeChoices(model: string, choices: Choices, seed: number): string {
  return ["new", model, seed, ...Object.entries(choices).map(([name, value]) => `${name}:${value}`)].join("~");
}

function readChoices(words: string): { model: string; choices: Choices; seed: number } | null {
  const [kind, model, seed, ...choices] = words.split("~");
  if (kind !== "new" || model === undefined) return null;
  return {
    model,
    seed: Number(seed) || 1,
    choices: Object.fromEntries(choices.map((each) => [each.split(":")[0]!, each.slice(each.indexOf(":") + 1)])),
  };
}

function firstDigit(state: Address, test: Digit[]): Digit {
  const wish = state.get("digit") ?? "0";
  if (wish.startsWith("d.")) {
    const image = unpackImage(wish.slice(2));
    if (image !== null) return { image, label: -1 };
  }
  const blank: Tensor = { shape: [28, 28], data: new Float32Array(28 * 28) };
  return test[Number(wish)] ?? test[0] ?? { image: blank, label: -1 };
}

export function makeSession(engine: Engine, state: Address, say: App["say"]): App {
  const [testImages, testLabels, trainImages, trainLabels] = (
    ["test_images", "test_labels", "train_images", "train_labels"] as const
  ).map((name) => unpack(NAMES[name]));
  const test = readDigits(filled(testImages!), filled(testLabels!));
  const train = readDigits(filled(trainImages!), filled(trainLabels!));

  let network: Network | null = null;
  let digit = firstDigit(state, test);
  const networkListeners: ((network: Network) => void)[] = [];
  const digitListeners: ((digit: Digit) => void)[] = [];
  const opened = (next: Network, link: string | null): Network => {
    network = next;
    state.set("net", link);
    for (const each of networkListeners) each(next);
    return next;
  };

  return {
    engine,
    text,
    state,
    say,
    digits: {
      test,
      train,
      files: async () => ({
        train_images: filled(trainImages!),
        train_labels: filled(trainLabels!),
        test_images: filled(testImages!),
        test_labels: filled(testLabels!),
      }),
    },
    network: () => network,
    async openTrained(name) {
      const checkpoint = unpack(`${name}.safetensors`);
      if (checkpoint === null) throw new Error(text("app.no-weights", { name }));
      return opened(await engine.ask("load", { checkpoint }), name);
    },
    async openNew(model, choices, seed) {
      return opened(await engine.ask("open", { model, choices, seed }), writeChoices(model, choices, seed));
    },
    adopted: (next) => void opened(next, null),
    onNetwork: (f) => void networkListeners.push(f),
    digit: () => digit,
    setDigit(next) {
      const place = test.indexOf(next);
      digit = place >= 0 ? next : { image: coarse(next.image), label: next.label };
      state.set("digit", place >= 0 ? String(place) : `d.${packImage(digit.image)}`);
      for (const each of digitListeners) each(digit);
    },
    onDigit: (f) => void digitListeners.push(f),
  };
}

/** Opens the network that the link names; else the first that comes trained; else one with first weights. */
export async function openFirst(app: App): Promise<void> {
  const wish = app.state.get("net") ?? "";
  const trained = trainedNames();
  const made = readChoices(wish);
  if (made !== null) await app.openNew(made.model, made.choices, made.seed);
  else if (trained.includes(wish)) await app.openTrained(wish);
  else if (trained.length > 0) await app.openTrained(trained.includes("lenet5") ? "lenet5" : trained[0]!);
  else await app.openNew("lenet5", {}, 1);
}
