// What the page asks of the library, and what it answers. Each request is answered in the order in which it was sent.
// web/explorer/ has the other side. Tensors are row-major. Errors have a text for the person who reads it.

/** An array of numbers. */
export interface Tensor {
  shape: number[];
  data: Float32Array | Float64Array;
}

/** An option of a model: the first value is the default; a single one is a free text's default. */
export interface ModelOption {
  name: string;
  values: string[];
  help: string;
}

export interface Model {
  name: string; // "lenet5", "bouvrie", "cnn", "mlp"
  help: string;
  options: ModelOption[];
  recipes: { name: string; help: string }[]; // known ways to train it
}

export type Choices = Record<string, string>;

/** A network and its weights, the one that other requests are about. */
export interface Network {
  model: string;
  choices: Choices;
  parameters: { name: string; shape: number[] }[];
  count: number; // of all its weights
  layers: { name: string; kind: string; output: string; parameters: number; connections: number }[];
  height: number; // of the images that it takes, before they are prepared
  width: number;
  classes: number;
}

/** A formula that people derived by hand: "B13" of Bouvrie's notes. */
export interface Formula {
  id: string;
  by_hand: string; // as the text has it
}

/** An equation of a derivation. In the LaTeX each name is \htmlData{place=7}{…}: it is the value of that place. */
export interface Equation {
  left: string; // LaTeX
  right: string;
  text: string; // the whole equation as `xgrad graph` prints it
  place: number; // of the value that it computes; −1 if there is none
  formulas: Formula[];
}

export interface Section {
  layer: string;
  equations: Equation[];
}

/** What a network computes and how its gradients come about, in equations. */
export interface Derivation {
  text: string; // exactly what `xgrad graph MODEL --backward` prints
  signs: { latex: string; meaning: string }[];
  functions: { left: string; right: string }[]; // f(u) = …, f'(u) = …
  forward: Section[];
  backward: Section[];
}

/** A value of a network for given images: a leaf, or what an op made. */
export interface Value {
  place: number; // in Recording.values
  op: string; // "" for a leaf
  name: string; // of a parameter, or "x"; else ""
  latex: string; // its letter in the equations, such as "u^{c1}"; or ""
  layer: string;
  inputs: number[]; // the places of what the op read
  value: Tensor;
  gradient: Tensor | null; // of the loss, or of the score, with respect to it
}

/** A step of the sweep: an op forward, or the rule of one of its inputs backward. */
export interface Step {
  kind: "op" | "rule";
  op: string;
  place: number; // of the op's result
  input: number; // of the input whose gradient the rule gives; −1 for an op
  position: number; // of that input among the op's inputs
  result: Tensor; // the op's value, or the rule's gradient
  summed: number; // how many gradients of the same value had come before, to which this one is added
  reads: number[]; // places of the forward values and of the gradient from above that it reads
  freed: number[]; // places of the values that nothing needs any more after this step
  bytes: number; // that the values and gradients which are still needed take after this step
  equation: { backward: boolean; section: number; equation: number } | null; // in the derivation
}

/** Everything that one forward and one backward pass computed. */
export interface Recording {
  outputs: number[]; // the network's, one for each class: the largest wins
  probabilities: number[]; // by softmax; for a network that learns by squared error, the outputs cut to 0…1
  loss: number;
  of: string; // what was differentiated: "loss", or "score 3"
  values: Value[]; // those of the forward pass, each after its inputs
  backward: Value[]; // those of the sweep: their places go on
  steps: Step[];
  derivation: Derivation;
  milliseconds: number; // that forward pass and gradients took
}

/** Where one unit of a map comes from. */
export interface Unit {
  kind: "products" | "largest" | "mean" | "sum" | "function" | "moved" | "leaf";
  input: number; // the place of the value that it reads; −1 for a leaf
  weights: number; // the place of the weights; −1 if there are none
  // What it adds up (or takes the largest of): the index of the input's element, its number, and the weight's.
  terms: { index: number[]; x: number; weight_index: number[]; weight: number; used: boolean }[];
  constant: number; // what is added, such as the bias; 0 if there is none
  result: number;
  latex: string; // the formula with these numbers in it
  field: { top: number; left: number; bottom: number; right: number } | null; // in the network's image, inclusive
}

/** A layer whose backward pass somebody has to write. */
export interface Problem {
  id: string; // "conv2-kernel"
  level: 1 | 2 | 3;
  title: string; // key of a text
  forward: string; // in the papers' notation: "u = conv2(x, k, 'valid') + b"
  right: string; // a right formula for `wanted`, to be shown on demand
  start: string; // what the editor begins with: a wrong formula in a puzzle, "" where one begins from nothing
  start_js: string; // the same as the body of a JavaScript function of the given arrays
  given: { name: string; value: Tensor }[]; // all that a formula may read; "δ" is the gradient of the result
  wanted: { name: string; shape: number[] };
  mistake: string; // section of docs/mistakes.md that the start shows: "missing-derivative"; or ""
}

/** A gradient held against the automatic one. */
export interface Row {
  name: string;
  shape: number[];
  agrees: boolean;
  explanation: string; // the mistake; "" if they agree
  page: string; // "docs/mistakes.md#factor" or ""
  relative: number | null; // the largest difference, relative to the largest element
  first: number[]; // index of the first element that differs
  autodiff: number | null;
  handwritten: number | null;
  finite_difference: number | null;
  at_kink: boolean;
  problem: string; // why they could not be compared; "" if they could
  automatic: Tensor;
  by_hand: Tensor | null;
}

export interface Check {
  agrees: boolean;
  rows: Row[];
  text: string; // as the command prints it
}

export interface PlantedMistake {
  name: string; // "missing-derivative"
  step: string; // "c3.u"
  what: string;
}

export interface TrainingState {
  epoch: number; // complete ones
  epochs: number;
  batch: number; // complete ones of this epoch
  batches: number;
  losses: number[]; // of the steps of this request
  rate: number; // the learning rate of the last step
  images_per_second: number;
  finished: boolean;
  report: { epoch: number; train_loss: number; error: number; loss: number } | null; // if this request ended an epoch
  hash: string; // SHA-256 of all weights, the first 16 hex digits: `xgrad train … --hash` prints the same
}

/** Requests by name: [what is sent, what is answered]. */
export interface Requests {
  /** The models, with their options. */
  models: [Record<string, never>, { models: Model[]; version: string }];
  /** Makes a network with first weights. */
  open: [{ model: string; choices: Choices; seed: number }, Network];
  /** Opens the network of a checkpoint, a safetensors file as `xgrad train` writes it. */
  load: [{ checkpoint: Uint8Array }, Network];
  /** One forward and backward pass of the open network. `image` is (height, width), 0 black to 255 white. */
  record: [{ image: Tensor; label: number; score: number }, Recording]; // score: −1 for the loss, or a class
  /** Only outputs and probabilities: for each stroke while drawing. */
  predict: [{ image: Tensor }, { outputs: number[]; probabilities: number[] }];
  /** One unit of the last recording. */
  unit: [{ place: number; index: number[] }, Unit];
  /** The equations of any network. */
  derive: [{ model: string; choices: Choices }, { derivation: Derivation; values: Value[]; backward: Value[] }];

  problems: [Record<string, never>, { problems: Problem[]; functions: { sample: string; meaning: string }[] }]; // the notation's functions
  /** A formula in the papers' notation. Errors say where: {message, at: index of a character}. */
  evaluate: [{ formula: string; given: { name: string; value: Tensor }[] }, { value: Tensor }];
  /** Holds a gradient of a problem against autodiff. */
  check: [{ problem: string; gradient: Tensor }, Check];
  /** The mistakes that can be planted in a handwritten pass of "lenet5", "bouvrie" or "mlp". */
  mistakes: [{ model: string }, { mistakes: PlantedMistake[] }];
  /** The handwritten pass with a mistake ("" for none), held against autodiff. */
  plant: [{ model: string; mistake: string; samples: number }, Check];
  /** A function with kinks at a point: its value, ∂Σ(g∘f)/∂x by autodiff, and the central difference with this step. */
  slope: [{ function: string; x: Tensor; g: Tensor | null; step: number }, { value: Tensor; gradient: Tensor; finite: Tensor }];

  /** The digits to learn from: unpacked idx files, as MNIST's. */
  data: [{ train_images: Uint8Array; train_labels: Uint8Array; test_images: Uint8Array; test_labels: Uint8Array }, { train: number; test: number }];
  /** Begins a training of a new network. Choices and seed as in `xgrad train MODEL --data mnist-sample`. */
  train: [{ model: string; choices: Choices; recipe: string; epochs: number; seed: number }, TrainingState];
  /** Some steps more. The rate of the schedule is multiplied by `factor`. An epoch's end is a request of its own. */
  step: [{ steps: number; factor: number }, TrainingState];
  /** At the present weights: a histogram of each parameter's gradient, of the loss of the first 32 digits. */
  histograms: [Record<string, never>, {
    gradients: { name: string; low: number; high: number; counts: number[] }[];
    kernels?: { name: string; value: Tensor }; // the first weights of a convolution, (O, C, H, W), as they are now; not if there are none
  }];
  /** Makes the network that is trained the open one, as it is now. */
  adopt: [Record<string, never>, Network];
  /** The open network as a checkpoint and as ONNX. */
  save: [Record<string, never>, { file: Uint8Array }];
  onnx: [Record<string, never>, { file: Uint8Array }];
}

export type RequestName = keyof Requests;

/** The library, wherever it runs. */
export interface Engine {
  ask<N extends RequestName>(name: N, request: Requests[N][0]): Promise<Requests[N][1]>;
}

/** What the library threw. */
export class EngineError extends Error {
  constructor(message: string, readonly at: number | null = null) {
    super(message);
  }
}
