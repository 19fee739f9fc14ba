// A pad to draw a digit on, 28 × 28 pixels with a soft pen.

import type { Text } from "./app";
import { onColours, painter } from "./colours";
import { SIDE } from "./digits";
import { button, choice, h } from "./dom";
import type { Tensor } from "./protocol";

export interface Pad {
  element: HTMLElement;
  show(image: Tensor): void;
}

type Place = { x: number; y: number }; // in pixels of the digit

const RADIUS = 1.1;
const SOFT = 0.75; // on either side of the radius

/** White along the line from a to b, black if it rubs out. The edge fades as in MNIST. */
export function stroke(data: Float32Array, a: Place, b: Place, rub: boolean): void {
  const radius = rub ? 1.8 : RADIUS;
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  for (let k = 0; k < data.length; ++k) {
    const x = (k % SIDE) + 0.5;
    const y = Math.floor(k / SIDE) + 0.5;
    const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - a.x) * dx + (y - a.y) * dy) / length));
    const distance = Math.hypot(x - a.x - t * dx, y - a.y - t * dy);
    const ink = 255 * Math.min(1, Math.max(0, (radius + SOFT - distance) / (2 * SOFT)));
    data[k] = rub ? Math.min(data[k]!, 255 - ink) : Math.max(data[k]!, ink);
  }
}

/** Moves the centre of mass to the middle, as MNIST's digits have it. */
export function centred(image: Tensor): Tensor {
  let [mass, x, y] = [0, 0, 0];
  image.data.forEach((value, k) => {
    mass += value;
    x += value * (k % SIDE);
    y += value * Math.floor(k / SIDE);
  });
  if (mass === 0) return image;
  const right = Math.round((SIDE - 1) / 2 - x / mass);
  const down = Math.round((SIDE - 1) / 2 - y / mass);
  const data = new Float32Array(SIDE * SIDE);
  image.data.forEach((value, k) => {
    const column = (k % SIDE) + right;
    const row = Math.floor(k / SIDE) + down;
    if (column >= 0 && column < SIDE && row >= 0 && row < SIDE) data[row * SIDE + column] = value;
  });
  return { shape: [SIDE, SIDE], data };
}

/** @param onStroke  called with every change while somebody draws, at most once a frame
 *  @param onEnd     called with the image when the pen is lifted */
export function drawingPad(text: Text, onStroke: (image: Tensor) => void, onEnd: (image: Tensor) => void): Pad {
  const canvas = h("canvas", {
    class: "pixels",
    width: SIDE,
    height: SIDE,
    tabindex: 0,
    role: "application",
    "aria-label": text("draw.pad"),
    "aria-describedby": "draw-keys",
  });
  const cursor = h("div", { class: "pen", hidden: true, "aria-hidden": "true" });
  const spoken = h("span", { class: "unseen", role: "status" });
  let data = new Float32Array(SIDE * SIDE);
  let rub = false;
  let last: Place | null = null; // of the pointer that draws
  let keys: Place = { x: SIDE / 2, y: SIDE / 2 };
  let down = false; // the keyboard's pen
  let frame = 0;

  const image = (): Tensor => ({ shape: [SIDE, SIDE], data: data.slice() });
  function paint(): void {
    const context = canvas.getContext("2d");
    if (context === null) return;
    const picture = context.createImageData(SIDE, SIDE);
    new Uint32Array(picture.data.buffer).set(Array.from(data, painter("ink", 255)));
    context.putImageData(picture, 0, 0);
  }
  function changed(): void {
    if (frame !== 0) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      paint();
      onStroke(image());
    });
  }
  function end(): void {
    cancelAnimationFrame(frame);
    frame = 0;
    paint();
    onEnd(image());
  }

  const placeOf = (event: PointerEvent): Place => {
    const bounds = canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - bounds.left) / bounds.width) * SIDE,
      y: ((event.clientY - bounds.top) / bounds.height) * SIDE,
    };
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 && event.button !== 5) return;
    canvas.setPointerCapture(event.pointerId);
    last = placeOf(event);
    stroke(data, last, last, rub || event.button === 5);
    changed();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (last === null) return;
    for (const each of event.getCoalescedEvents?.() ?? [event]) {
      const next = placeOf(each);
      stroke(data, last, next, rub);
      last = next;
    }
    changed();
  });
  const lift = () => {
    if (last === null) return;
    last = null;
    end();
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);

  function showCursor(): void {
    cursor.style.left = `${(100 * keys.x) / SIDE}%`;
    cursor.style.top = `${(100 * keys.y) / SIDE}%`;
    cursor.classList.toggle("down", down);
  }
  const MOVES: Record<string, [number, number]> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  };
  canvas.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    if (move !== undefined) {
      const next = {
        x: Math.min(SIDE - 0.5, Math.max(0.5, keys.x + move[0])),
        y: Math.min(SIDE - 0.5, Math.max(0.5, keys.y + move[1])),
      };
      if (down) {
        stroke(data, keys, next, rub);
        changed();
      }
      keys = next;
    } else if (event.key === " ") {
      down = !down;
      spoken.textContent = text(down ? "draw.pen-down" : "draw.pen-up");
      if (down) {
        stroke(data, keys, keys, rub);
        changed();
      } else end();
    } else if (event.key === "Delete" || event.key === "Backspace") wipe();
    else return;
    event.preventDefault();
    cursor.hidden = false;
    showCursor();
  });
  canvas.addEventListener("focus", () => {
    cursor.hidden = !canvas.matches(":focus-visible");
    showCursor();
  });
  canvas.addEventListener("blur", () => {
    cursor.hidden = true;
    if (down) end();
    down = false;
  });

  function wipe(): void {
    data = new Float32Array(SIDE * SIDE);
    end();
  }
  paint();
  onColours(canvas, paint);

  const element = h(
    "div",
    { class: "pad" },
    h("div", { class: "sheet" }, canvas, cursor),
    h(
      "div",
      { class: "row" },
      choice({
        label: text("draw.tool"),
        values: [
          ["pen", text("draw.pen")],
          ["rub", text("draw.rub")],
        ],
        value: "pen",
        onChange: (tool) => (rub = tool === "rub"),
      }),
      button(text("draw.clear"), wipe),
      button(text("draw.centre"), () => {
        data = Float32Array.from(centred(image()).data);
        end();
      }),
    ),
    h("p", { class: "small muted", id: "draw-keys" }, text("draw.keys")),
    spoken,
  );
  return {
    element,
    show(next) {
      if (last !== null) return;
      data = Float32Array.from(next.data);
      paint();
    },
  };
}
