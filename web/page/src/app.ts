// What every part of the page works with.

import type { Choices, Engine, Network, Tensor } from "./protocol";

/** A text by its key, with {name} replaced by values. */
export type Text = (key: string, values?: Record<string, string | number>) => string;

/** A digit that the page shows. */
export interface Digit {
  image: Tensor; // (28, 28), 0 … 255
  label: number; // −1 if it was drawn
}

/** What a link to the page holds: short texts by name. */
export interface State {
  get(key: string): string | null;
  set(key: string, value: string | null): void;
  /** Opens another view: "look", "steps", …. */
  go(view: string): void;
}

export interface App {
  engine: Engine;
  text: Text;
  state: State;
  /** Sample digits: first the test digits, then those to learn from. */
  digits: { test: Digit[]; train: Digit[]; files: () => Promise<Record<"train_images" | "train_labels" | "test_images" | "test_labels", Uint8Array>> };
  /** The network that the views look at. "lenet5", "lenet5-1998" and "bouvrie" come trained. */
  network: () => Network | null;
  openTrained(name: string): Promise<Network>;
  openNew(model: string, choices: Choices, seed: number): Promise<Network>;
  adopted(network: Network): void;
  /** Calls f whenever another network is open, or its weights have changed. */
  onNetwork(f: (network: Network) => void): void;
  /** The digit that the views look at. */
  digit: () => Digit;
  setDigit(digit: Digit): void;
  onDigit(f: (digit: Digit) => void): void;
  /** Tells something in the line for messages, which screen readers read. */
  say(message: string, kind?: "info" | "error"): void;
}

/** A part of the page. It may begin its work when it is first shown. */
export interface View {
  element: HTMLElement;
  shown(): void;
  hidden(): void;
}

export type MakeView = (app: App) => View;
