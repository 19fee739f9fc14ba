// What the page needs of a browser.

// A module with one function that makes a vector of sixteen bytes.
const SIMD = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
];
// A module with one function that has a try block.
const EXCEPTIONS = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 8, 1, 6, 0, 6, 64, 25, 11, 11];

/** The first thing that is missing: a key of the texts "app.lack.…"; null if nothing is. */
export function missing(): "wasm" | "simd" | "exceptions" | "worker" | null {
  if (typeof WebAssembly !== "object") return "wasm";
  try {
    if (!WebAssembly.validate(Uint8Array.from(SIMD))) return "simd";
    if (!WebAssembly.validate(Uint8Array.from(EXCEPTIONS))) return "exceptions";
  } catch {
    return "wasm";
  }
  return typeof Worker === "function" ? null : "worker";
}
