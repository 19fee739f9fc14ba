// Runs a student's JavaScript: in a worker of its own, for a limited time, without a network.

import type { Tensor } from "./protocol";
import prelude from "./sandbox_prelude.txt";

export type Outcome =
  | { kind: "value"; value: Tensor }
  | { kind: "threw"; message: string; line: number | null }
  | { kind: "endless"; seconds: number }
  | { kind: "unusable"; why: "nothing" | "ragged" | "no numbers" | "too many"; detail: string }
  | { kind: "no worker"; message: string };

/** What the worker answers; `stack` has the lines of the whole program. */
interface Answer {
  ready?: boolean; // it waits for the arrays
  shape?: number[] | null; // null: a flat list, which takes the wanted shape
  data?: Float64Array;
  why?: "nothing" | "ragged" | "no numbers" | "too many";
  detail?: string;
  error?: string;
  stack?: string;
}

const patience = 10; // seconds that a worker may take to begin

/** The body of a function of the given arrays, run with them. Its result is laid in the wanted shape if it is a flat list of the right length. */
export function run(source: string, given: { name: string; value: Tensor }[], wanted: number[], seconds = 2): Promise<Outcome> {
  const names = given.map((each) => each.name);
  const head = `${prelude}\nconst names = ${JSON.stringify(names)};\n${aliases(names)}\nfunction gradient(${names.join(", ")}) {\n`;
  const before = head.split("\n").length - 1;
  const lines = source.split("\n").length;
  const program = head + source + "\n}\nserve(() => gradient);\n";
  const line = (of: number): number | null => (of > before ? Math.min(of - before, lines) : null);

  const address = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
  return new Promise<Outcome>((resolve) => {
    let worker: Worker;
    const end = (outcome: Outcome): void => {
      clearTimeout(clock);
      worker?.terminate();
      URL.revokeObjectURL(address);
      resolve(outcome);
    };
    let clock = setTimeout(() => end({ kind: "no worker", message: "" }), patience * 1000);
    try {
      worker = new Worker(address);
    } catch (error) {
      clearTimeout(clock);
      URL.revokeObjectURL(address);
      resolve({ kind: "no worker", message: String(error) });
      return;
    }
    worker.onerror = (event) => {
      event.preventDefault();
      if (event.message) return end({ kind: "threw", message: event.message.replace(/^Uncaught /, ""), line: line(event.lineno) });
      clearTimeout(clock);
      void whyUnreadable(program).then((why) => end(why ? { kind: "threw", message: why.message, line: line(why.line) } : { kind: "no worker", message: "" }));
    };
    worker.onmessage = (event: MessageEvent<Answer>) => {
      const answer = event.data;
      if (answer.ready) {
        clearTimeout(clock);
        clock = setTimeout(() => end({ kind: "endless", seconds }), seconds * 1000);
        worker.postMessage(given.map((each) => ({ shape: each.value.shape, data: Float64Array.from(each.value.data) })));
      } else if (answer.error !== undefined) end({ kind: "threw", message: answer.error, line: whereThrown(answer.stack ?? "", line) });
      else if (answer.why !== undefined) end({ kind: "unusable", why: answer.why, detail: answer.detail ?? "" });
      else if (answer.data) end({ kind: "value", value: { shape: shapeOf(answer, wanted), data: answer.data } });
    };
  });
}

/** What is wrong with a program that does not even begin: some browsers tell that only to a worker that imports it. */
function whyUnreadable(program: string): Promise<{ message: string; line: number } | null> {
  const script = (text: string): string => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const imported = script(program);
  const importer = script(`try { importScripts("${imported}"); self.postMessage(null); } catch (error) { self.postMessage({ message: String(error), line: Number(error.lineNumber) || 0 }); }`);
  return new Promise((resolve) => {
    const worker = new Worker(importer);
    const end = (why: { message: string; line: number } | null): void => {
      worker.terminate();
      URL.revokeObjectURL(imported);
      URL.revokeObjectURL(importer);
      resolve(why);
    };
    worker.onerror = () => end(null);
    worker.onmessage = (event: MessageEvent<{ message: string; line: number } | null>) => end(event.data);
  });
}

function shapeOf(answer: Answer, wanted: number[]): number[] {
  const count = answer.data?.length ?? 0;
  return answer.shape ?? (wanted.reduce((product, n) => product * n, 1) === count ? wanted : [count]);
}

/** The first line of a stack that lies in the student's text. */
function whereThrown(stack: string, line: (of: number) => number | null): number | null {
  for (const match of stack.matchAll(/:(\d+):\d+\)?$/gm)) {
    const found = line(Number(match[1]));
    if (found !== null) return found;
  }
  return null;
}

const spelled: Record<string, string> = { α: "alpha", β: "beta", γ: "gamma", δ: "delta", λ: "lambda", σ: "sigma", μ: "mu", η: "eta" };

/** Greek names can be spelled: they are variables around the function, which it may hide. */
function aliases(names: string[]): string {
  return names
    .filter((name) => [...name].some((letter) => letter in spelled))
    .map((name) => {
      const latin = [...name].map((letter) => spelled[letter] ?? letter).join("");
      return `Object.defineProperty(self, "${latin}", { get: () => given["${name}"], configurable: true }); `;
    })
    .join("");
}
