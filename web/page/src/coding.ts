// Requests and answers as bytes: JSON, and the arrays beside it in a blob. In the JSON a tensor is {shape, type, at} and an array of
// bytes {bytes, at}, where `at` counts bytes in the blob and is a multiple of 8.

import type { Tensor } from "./protocol";

export const ALIGNMENT = 8;

export const aligned = (bytes: number) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

export interface Coded {
  json: Uint8Array;
  pieces: { at: number; bytes: Uint8Array }[];
  blobBytes: number;
}

function isTensor(value: object): value is Tensor {
  return "data" in value && (value.data instanceof Float32Array || value.data instanceof Float64Array);
}

export function encode(message: unknown): Coded {
  const pieces: Coded["pieces"] = [];
  let end = 0;
  const put = (view: ArrayBufferView): number => {
    const at = end;
    pieces.push({ at, bytes: new Uint8Array(view.buffer, view.byteOffset, view.byteLength) });
    end = aligned(end + view.byteLength);
    return at;
  };
  const written = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (value instanceof Uint8Array) return { bytes: value.byteLength, at: put(value) };
    if (Array.isArray(value)) return value.map(written);
    if (isTensor(value))
      return { shape: value.shape, type: value.data instanceof Float32Array ? "f32" : "f64", at: put(value.data) };
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, written(each)]));
  };
  const json = new TextEncoder().encode(JSON.stringify(written(message)));
  return { json, pieces, blobBytes: end };
}

const isCount = (value: unknown): value is number => typeof value === "number";

/** The message with arrays of its own, and their buffers. */
export function decode(json: string, blob: Uint8Array): { message: unknown; buffers: ArrayBuffer[] } {
  const buffers: ArrayBuffer[] = [];
  const known = new Map<string, Float32Array | Float64Array>();
  const cut = (at: number, bytes: number): ArrayBuffer => {
    const buffer = blob.slice(at, at + bytes).buffer;
    buffers.push(buffer);
    return buffer;
  };
  const numbers = (type: "f32" | "f64", at: number, count: number): Float32Array | Float64Array => {
    const name = `${type} ${at} ${count}`;
    let data = known.get(name);
    if (data === undefined) {
      data = type === "f32" ? new Float32Array(cut(at, 4 * count)) : new Float64Array(cut(at, 8 * count));
      known.set(name, data);
    }
    return data;
  };
  const revive = (_key: string, value: unknown): unknown => {
    if (typeof value !== "object" || value === null || !("at" in value) || !isCount(value.at)) return value;
    if (
      "shape" in value &&
      "type" in value &&
      Array.isArray(value.shape) &&
      (value.type === "f32" || value.type === "f64")
    ) {
      const shape = value.shape as number[];
      const count = shape.reduce((product, each) => product * each, 1);
      return { shape, data: numbers(value.type, value.at, count) } satisfies Tensor;
    }
    if ("bytes" in value && isCount(value.bytes)) return new Uint8Array(cut(value.at, value.bytes));
    return value;
  };
  return { message: JSON.parse(json, revive) as unknown, buffers };
}
