// What matters in the image: |∂/∂x| over the digit.

import { mixed, onColours } from "./colours";
import { h } from "./dom";
import type { Tensor } from "./protocol";

export interface Saliency {
  element: HTMLElement;
  draw(image: Tensor, gradient: Tensor, scale: number, title: string): void;
}

export function saliencyMap(): Saliency {
  const canvas = h("canvas", { class: "pixels", role: "img" });
  let last: (() => void) | null = null;
  onColours(canvas, () => last?.());
  return {
    element: h("div", { class: "saliency" }, canvas),
    draw(image, gradient, scale, title) {
      canvas.setAttribute("aria-label", title);
      last = () => {
        const [height, width] = image.shape.slice(-2) as [number, number];
        const context = canvas.getContext("2d");
        if (context === null) return;
        canvas.width = width;
        canvas.height = height;
        const picture = context.createImageData(width, height);
        const pixels = new Uint32Array(picture.data.buffer);
        for (let k = 0; k < pixels.length; ++k)
          pixels[k] = mixed(0.3 * (image.data[k]! / 255), Math.abs(gradient.data[k]!) / scale);
        context.putImageData(picture, 0, 0);
      };
      last();
    },
  };
}

/** The last two axes of a tensor without the same border on all sides, as an image that the network pads has it. */
export function cropped(tensor: Tensor, height: number, width: number): Tensor {
  const [h0, w0] = tensor.shape.slice(-2) as [number, number];
  const [top, left] = [Math.floor((h0 - height) / 2), Math.floor((w0 - width) / 2)];
  const data = Float64Array.from(
    { length: height * width },
    (_, k) => tensor.data[(top + Math.floor(k / width)) * w0 + left + (k % width)] ?? 0,
  );
  return { shape: [height, width], data };
}
