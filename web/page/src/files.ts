// The files that build.mjs packs into the page: LZMA, seven bits in a character.

import { unpackLzma } from "./lzma";
import { bytesOf } from "./seven_bits.mjs";

export interface Packed {
  bytes: Uint8Array<ArrayBuffer>;
  size: number; // unpacked
}

/** The names of the files that the page holds. */
export function packedNames(): string[] {
  return [...document.querySelectorAll("script[data-file]")].map((each) => each.getAttribute("data-file") ?? "");
}

/** A file of the page as it is packed; null if the page was built without it. */
export function packed(name: string): Packed | null {
  const holder = document.querySelector(`script[data-file="${CSS.escape(name)}"]`);
  if (holder === null) return null;
  const size = (of: string) => Number(holder.getAttribute(of));
  return { bytes: bytesOf(holder.textContent, size("data-packed")), size: size("data-size") };
}

/** A file of the page; null if the page was built without it. */
export function unpack(name: string): Uint8Array<ArrayBuffer> | null {
  const file = packed(name);
  return file === null ? null : unpackLzma(file.bytes, file.size);
}
