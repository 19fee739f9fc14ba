// The library in a worker: requests go there, answers come back.

import type { Packed } from "./files";
import { EngineError, type Engine, type RequestName, type Requests } from "./protocol";

export interface ToWorker {
  id: number;
  name: string;
  request: unknown;
  wasm?: Packed; // the library itself, before the first request
}

export interface FromWorker {
  id: number;
  answer?: unknown;
  error?: string;
  at?: number | null;
}

interface Waiting {
  resolve: (answer: unknown) => void;
  reject: (error: EngineError) => void;
}

/** Starts the library. What the worker cannot load becomes the error of every request. */
export function startEngine(script: Uint8Array<ArrayBuffer>, wasm: Packed): Engine {
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const worker = new Worker(url);
  const waiting = new Map<number, Waiting>();
  let ids = 0;
  let broken: EngineError | null = null;

  worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
    const request = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.error !== undefined) request?.reject(new EngineError(data.error, data.at ?? null));
    else request?.resolve(data.answer);
  });
  worker.addEventListener("error", (event) => {
    broken = new EngineError(event.message);
    for (const request of waiting.values()) request.reject(broken);
    waiting.clear();
  });
  worker.postMessage({ id: 0, name: "", request: null, wasm } satisfies ToWorker, [wasm.bytes.buffer]);

  return {
    ask<N extends RequestName>(name: N, request: Requests[N][0]): Promise<Requests[N][1]> {
      return new Promise((resolve, reject) => {
        if (broken !== null) return reject(broken);
        const id = ++ids;
        waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject });
        worker.postMessage({ id, name, request } satisfies ToWorker);
      });
    },
  };
}
