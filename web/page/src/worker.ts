// The worker in which the library runs.

import createExplorer, { type Explorer } from "explorer";
import { aligned, decode, encode } from "./coding";
import { unpackLzma } from "./lzma";
import type { FromWorker, ToWorker } from "./engine";

interface WorkerScope {
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
  addEventListener(type: "message", listener: (event: MessageEvent<ToWorker>) => void): void;
}
const scope = self as unknown as WorkerScope;

function answer(module: Explorer, name: string, request: unknown): { message: unknown; buffers: ArrayBuffer[] } {
  const { json, pieces, blobBytes } = encode({ name, request });
  const blobAt = aligned(json.byteLength);
  const pointer = module._reserve(blobAt + blobBytes);
  module.HEAPU8.set(json, pointer);
  for (const { at, bytes } of pieces) module.HEAPU8.set(bytes, pointer + blobAt + at);

  const header = module._answer(json.byteLength, blobBytes);
  const heap = module.HEAPU8;
  const [jsonAt, jsonSize, answerAt, answerSize] = new Uint32Array(heap.buffer, header, 4);
  const text = new TextDecoder().decode(heap.slice(jsonAt!, jsonAt! + jsonSize!));
  return decode(text, heap.subarray(answerAt!, answerAt! + answerSize!));
}

let opened: Promise<Explorer> | null = null;

async function serve({ id, wasm, name, request }: ToWorker): Promise<void> {
  if (wasm !== undefined) {
    opened = createExplorer({ wasmBinary: unpackLzma(wasm.bytes, wasm.size), locateFile: (file) => file });
    return;
  }
  try {
    const module = await opened;
    if (module === null) throw new Error("The library was not loaded.");
    const { message, buffers } = answer(module, name, request);
    const { answer: value, error, at } = message as { answer?: unknown; error?: string; at?: number | null };
    if (error !== undefined) scope.postMessage({ id, error, at: at ?? null });
    else scope.postMessage({ id, answer: value }, buffers);
  } catch (problem) {
    scope.postMessage({ id, error: problem instanceof Error ? problem.message : String(problem), at: null });
  }
}

let last: Promise<void> = Promise.resolve();
scope.addEventListener("message", ({ data }) => (last = last.then(() => serve(data))));
