// The digits to choose from, in a row.

import type { App, Digit } from "./app";
import { onColours, painter } from "./colours";
import { button, h } from "./dom";
import { digitOf } from "./digits";

const SHOWN = 60;

export function thumbnail(digit: Digit): HTMLCanvasElement {
  const [height, width] = digit.image.shape as [number, number];
  const canvas = h("canvas", { width, height, class: "pixels" });
  const paint = () => {
    const context = canvas.getContext("2d");
    if (context === null) return;
    const image = context.createImageData(width, height);
    const colour = painter("ink", 255);
    new Uint32Array(image.data.buffer).set(Array.from(digit.image.data, colour));
    context.putImageData(image, 0, 0);
  };
  paint();
  onColours(canvas, paint);
  return canvas;
}

export function digitStrip(app: App): HTMLElement {
  const { text } = app;
  const shown = app.digits.test.slice(0, SHOWN);
  const options = shown.map((digit, k) =>
    h(
      "button",
      {
        type: "button",
        role: "radio",
        "aria-checked": "false",
        tabindex: -1,
        "aria-label": text("strip.digit", { label: digit.label, number: k }),
        onclick: () => app.setDigit(digit),
      },
      thumbnail(digit),
    ),
  );
  const row = h("div", { class: "digits", role: "radiogroup", "aria-label": text("strip.title") }, ...options);
  row.addEventListener("keydown", (event) => {
    const from = options.indexOf(document.activeElement as HTMLButtonElement);
    const to = {
      ArrowRight: from + 1,
      ArrowDown: from + 1,
      ArrowLeft: from - 1,
      ArrowUp: from - 1,
      Home: 0,
      End: options.length - 1,
    }[event.key];
    if (from < 0 || to === undefined) return;
    event.preventDefault();
    const next = options[(to + options.length) % options.length];
    next?.focus();
    next?.click();
  });
  const mark = (digit: Digit) => {
    const chosen = Math.max(-1, shown.indexOf(digit));
    options.forEach((option, k) => {
      option.setAttribute("aria-checked", String(k === chosen));
      option.tabIndex = k === Math.max(0, chosen) ? 0 : -1;
    });
    const option = options[chosen];
    if (option !== undefined) row.scrollTo({ left: option.offsetLeft - row.clientWidth / 2, behavior: "smooth" });
  };
  app.onDigit(mark);
  requestAnimationFrame(() => mark(app.digit()));

  async function read(file: Blob | undefined): Promise<void> {
    if (file === undefined) return;
    const image = await digitOf(file);
    if (image === "none") app.say(text("strip.no-image"), "error");
    else if (image === "blank") app.say(text("strip.blank-image"), "error");
    else {
      app.setDigit({ image, label: -1 });
      app.say(text("strip.image-read"));
    }
  }
  const input = h("input", {
    type: "file",
    accept: "image/*",
    class: "unseen",
    onchange: () => void read(input.files?.[0]).then(() => (input.value = "")),
  });
  const strip = h(
    "div",
    { class: "strip" },
    row,
    button(text("strip.random"), () =>
      app.setDigit(app.digits.test[Math.floor(Math.random() * app.digits.test.length)] ?? app.digit()),
    ),
    h("label", { class: "file" }, text("strip.file"), input),
  );
  strip.addEventListener("dragover", (event) => event.preventDefault());
  strip.addEventListener("drop", (event) => {
    event.preventDefault();
    void read(event.dataTransfer?.files[0]);
  });
  return strip;
}
