// Digits: those of the sample, and images of one's own.

import type { Digit } from "./app";
import type { Tensor } from "./protocol";

export const SIDE = 28;

/** The digits of two idx files. */
export function readDigits(images: Uint8Array, labels: Uint8Array): Digit[] {
  const header = new DataView(images.buffer, images.byteOffset);
  const [count, height, width] = [header.getUint32(4), header.getUint32(8), header.getUint32(12)];
  return Array.from({ length: count }, (_, k) => {
    const from = 16 + k * height * width;
    return {
      image: { shape: [height, width], data: Float32Array.from(images.subarray(from, from + height * width)) },
      label: labels[8 + k]!,
    };
  });
}

/** The image with 16 levels of grey, which is what a link can hold. */
export function coarse(image: Tensor): Tensor {
  return {
    shape: image.shape,
    data: Float32Array.from(image.data, (x) => 17 * Math.round(Math.min(255, Math.max(0, x)) / 17)),
  };
}

/** An image of 16 levels as a short text: runs of up to 16 equal pixels, a byte each. */
export function packImage(image: Tensor): string {
  const bytes: number[] = [];
  const levels = Array.from(image.data, (x) => Math.round(x / 17));
  for (let k = 0; k < levels.length;) {
    let run = 1;
    while (run < 16 && levels[k + run] === levels[k]) ++run;
    bytes.push(((run - 1) << 4) | levels[k]!);
    k += run;
  }
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
}

/** The image of such a text; null if it is none. */
export function unpackImage(text: string): Tensor | null {
  const data = new Float32Array(SIDE * SIDE);
  let at = 0;
  try {
    for (const letter of atob(text.replace(/-/g, "+").replace(/_/g, "/"))) {
      const byte = letter.charCodeAt(0);
      data.fill(17 * (byte & 15), at, (at += (byte >> 4) + 1));
    }
  } catch {
    return null;
  }
  return at === data.length ? { shape: [SIDE, SIDE], data } : null;
}

/** Grey values of an image file as it is seen on white paper; null if it is no image. */
async function greyOf(file: Blob): Promise<{ width: number; height: number; grey: Float32Array } | null> {
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (bitmap === null) return null;
  const shrink = Math.min(1, 512 / Math.max(bitmap.width, bitmap.height));
  const width = Math.max(1, Math.round(bitmap.width * shrink));
  const height = Math.max(1, Math.round(bitmap.height * shrink));
  const context = new OffscreenCanvas(width, height).getContext("2d");
  if (context === null) return null;
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const grey = Float32Array.from(
    { length: width * height },
    (_, k) => 0.299 * data[4 * k]! + 0.587 * data[4 * k + 1]! + 0.114 * data[4 * k + 2]!,
  );
  return { width, height, grey };
}

/** The average of a picture's pixels under each pixel of a smaller one. `fit` maps a place of the small one to the picture. */
function resample(
  from: { width: number; height: number; grey: Float32Array },
  left: number,
  top: number,
  step: number,
): Float32Array {
  const data = new Float32Array(SIDE * SIDE);
  const samples = Math.max(2, Math.ceil(step * 2));
  for (let i = 0; i < SIDE; ++i) {
    for (let j = 0; j < SIDE; ++j) {
      let sum = 0;
      for (let v = 0; v < samples; ++v) {
        for (let u = 0; u < samples; ++u) {
          const x = Math.floor(left + (j + (u + 0.5) / samples) * step);
          const y = Math.floor(top + (i + (v + 0.5) / samples) * step);
          if (x >= 0 && y >= 0 && x < from.width && y < from.height) sum += from.grey[y * from.width + x]!;
        }
      }
      data[i * SIDE + j] = sum / (samples * samples);
    }
  }
  return data;
}

/** An image file as a digit of MNIST: white on black, the strokes 20 pixels large, their centre of mass in the middle.
 *  "none" if it is no image, "blank" if nothing is drawn in it. */
export async function digitOf(file: Blob): Promise<Tensor | "none" | "blank"> {
  const picture = await greyOf(file);
  if (picture === null) return "none";
  const { width, height, grey } = picture;

  // The border tells which side is paper.
  let border = 0;
  let count = 0;
  for (let k = 0; k < grey.length; ++k) {
    const x = k % width;
    const y = (k - x) / width;
    if (x === 0 || y === 0 || x === width - 1 || y === height - 1) {
      border += grey[k]!;
      ++count;
    }
  }
  const black = border / count < 128;
  let most = 0;
  for (let k = 0; k < grey.length; ++k) {
    grey[k] = black ? grey[k]! : 255 - grey[k]!;
    most = Math.max(most, grey[k]!);
  }
  if (most < 40) return "blank";
  if (width === SIDE && height === SIDE) return coarse({ shape: [SIDE, SIDE], data: grey });

  // Faint paper is none; the strongest stroke is white.
  const floor = 0.25 * most;
  let [left, right, top, bottom] = [width, -1, height, -1];
  let [mass, sumX, sumY] = [0, 0, 0];
  for (let k = 0; k < grey.length; ++k) {
    const value = (grey[k] = Math.max(0, ((grey[k]! - floor) / (most - floor)) * 255));
    if (value < 40) continue;
    const x = k % width;
    const y = (k - x) / width;
    [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
    mass += value;
    sumX += value * (x + 0.5);
    sumY += value * (y + 0.5);
  }
  const step = Math.max(right - left + 1, bottom - top + 1) / 20;
  const half = (SIDE / 2) * step;
  return coarse({ shape: [SIDE, SIDE], data: resample(picture, sumX / mass - half, sumY / mass - half, step) });
}
