// A training in slices that are short enough for everything else on the page to get its turn.

import type { Choices, Engine, Requests, Tensor, TrainingState } from "./protocol";

/** What a training is begun with, as in `xgrad train MODEL --data mnist-sample`. */
export interface Plan {
  model: string;
  choices: Choices;
  recipe: string; // "" for the usual way
  epochs: number;
  seed: number;
}

export type Until = "step" | "epoch" | "end";
export type Report = NonNullable<TrainingState["report"]>;
export type Gradients = Requests["histograms"][1]["gradients"];

const sliceMilliseconds = 45;
const longestSlice = 64; // steps
const betweenHistograms = 300; // milliseconds

/** A training and everything that was heard of it. */
export class TrainingRun {
  readonly losses: number[] = [];
  readonly speeds: { step: number; images: number }[] = [];
  readonly reports: Report[] = [];
  gradients: Gradients = [];
  kernels: Tensor | null = null;
  kernelsName = "";
  firstKernels: Tensor | null = null;
  /** Whether a step was taken with another rate than the schedule's. */
  byHand = false;
  factor = 1;
  /** Whether histograms are wanted while it runs. */
  seen = true;

  private until: Until | null = null;
  private looping = false; // also while the last slice of a paused training is under way
  private slice = 1;
  private ahead = 0; // single steps that are still to be taken
  private dropped = false;
  private lastHistograms = 0;

  private constructor(
    private readonly engine: Engine,
    readonly plan: Plan,
    public state: TrainingState,
    private readonly changed: () => void,
  ) {}

  static async begin(engine: Engine, plan: Plan, changed: () => void): Promise<TrainingRun> {
    const state = await engine.ask("train", { ...plan });
    const run = new TrainingRun(engine, plan, state, changed);
    await run.askHistograms();
    run.firstKernels = run.kernels;
    return run;
  }

  get running(): boolean {
    return this.until !== null;
  }

  /** Whether it takes the single steps that were asked for. */
  get stepping(): boolean {
    return this.until === "step";
  }

  get steps(): number {
    return this.losses.length;
  }

  get diverged(): boolean {
    return this.steps > 0 && !Number.isFinite(this.losses[this.steps - 1]);
  }

  pause(): void {
    this.until = null;
  }

  /** Ends it for good: nothing is told of it any more. */
  drop(): void {
    this.dropped = true;
    this.until = null;
  }

  /** Goes on until the next step, the end of the epoch or of all epochs. */
  async go(until: Until): Promise<void> {
    if (this.state.finished || this.dropped) return;
    this.ahead = until !== "step" ? 0 : this.until === "step" ? this.ahead + 1 : 1;
    this.until = until;
    if (this.looping) return;
    this.looping = true;
    this.changed();
    try {
      do {
        while (this.running) await this.takeSlice();
        if (!this.dropped) await this.askHistograms();
      } while (this.running);
    } finally {
      this.until = null;
      this.looping = false;
      if (!this.dropped) this.changed();
    }
  }

  async askHistograms(): Promise<void> {
    const answer = await this.engine.ask("histograms", {});
    this.lastHistograms = performance.now();
    this.gradients = answer.gradients;
    this.kernels = answer.kernels?.value ?? null;
    this.kernelsName = answer.kernels?.name ?? "";
  }

  private async takeSlice(): Promise<void> {
    const factor = this.factor;
    const begun = performance.now();
    const state = await this.engine.ask("step", { steps: this.until === "step" ? 1 : this.slice, factor });
    if (this.dropped) return;
    this.take(state, factor, performance.now() - begun);
    if (state.losses.length > 0) this.ahead = Math.max(0, this.ahead - state.losses.length);

    const epochEnds = state.report === null && state.batch === state.batches && !state.finished;
    if (state.finished || this.diverged || (this.until === "step" && this.ahead === 0 && !epochEnds) || (this.until === "epoch" && state.report !== null)) this.until = null;

    if (this.seen && this.running && performance.now() - this.lastHistograms > betweenHistograms) await this.askHistograms();
    if (!this.dropped) this.changed();
  }

  private take(state: TrainingState, factor: number, milliseconds: number): void {
    this.state = state;
    if (state.report !== null) this.reports.push(state.report);
    if (state.losses.length === 0) return;
    this.losses.push(...state.losses.map((loss) => loss ?? NaN)); // JSON has no NaN: it comes as null
    this.speeds.push({ step: this.steps, images: state.images_per_second });
    this.byHand ||= factor !== 1;
    const steps = Math.round((sliceMilliseconds * state.losses.length) / Math.max(milliseconds, 0.1));
    this.slice = Math.max(1, Math.min(longestSlice, 2 * this.slice, steps));
  }
}
