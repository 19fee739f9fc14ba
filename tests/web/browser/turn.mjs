// Why the kernel turns, and kinks.

import assert from "node:assert/strict";
import { pattern } from "./texts.mjs";

const value = (text) => Number(text.replaceAll("−", "-"));

/** The formula under the stage is exactly the sum of the stamps. */
async function proven(visitor, text) {
  await visitor.settled();
  await visitor.until("the formula is not the sum", () => document.querySelector(".turn .proof .good") !== null);
  assert.equal(await visitor.read(".turn .proof .good"), text("turn.proof", { difference: "0" }));
}

/** Finds the formula for a correlation, so that it is shown from then on. */
async function findFormula(visitor, text) {
  await visitor.choose(text("turn.operation"), "correlation");
  await visitor.press("button", "conv2(δ, k, 'full')");
  await proven(visitor, text);
}

/** The slopes of the value that is dragged. */
async function slopes(visitor) {
  await visitor.settled();
  await new Promise((resolve) => setTimeout(resolve, 200));
  const [autodiff, finite] = (await visitor.texts(".kink-numbers dd")).map(value);
  return { autodiff, finite };
}

export const tests = [
  {
    name: "what outputs give back is the formula's sum, for both operations and other kernels",
    async run(visitor, { text }) {
      await visitor.open("turn");
      await findFormula(visitor, text);
      for (const operation of ["convolution", "correlation"]) {
        await visitor.choose(text("turn.operation"), operation);
        for (const kernel of ["turn.edge", "turn.counting"]) {
          await visitor.press("button", text(kernel));
          await proven(visitor, text);
        }
        await visitor.choose(text("turn.pull"), "several");
        await visitor.press("button", text("turn.clear"));
        await visitor.press("button", text("turn.pullAll"));
        await visitor.until("not all outputs are pulled", (name) => webTest.find("button", name) !== null, text("turn.pullAll"));
        await proven(visitor, text);
        await visitor.choose(text("turn.pull"), "one");
        await proven(visitor, text);
      }
      await visitor.press("button", text("turn.digit"));
      await proven(visitor, text);
    },
  },
  {
    name: "the keyboard pulls outputs and writes numbers",
    async run(visitor, { text }) {
      await visitor.open("turn");
      await findFormula(visitor, text);
      const before = await visitor.read(".turn .gives");
      const cell = await visitor.element(".turn .delta [tabindex='0'], .turn .delta input");
      await cell.focus();
      await visitor.page.keyboard.press("ArrowDown");
      await visitor.until("nothing else is given back", (before) => document.querySelector(".turn .gives").textContent.trim() !== before, before);
      await proven(visitor, text);
    },
  },
  {
    name: "its questions are answered",
    async run(visitor, { text }) {
      await visitor.open("turn");
      await visitor.press("button", text("turn.place", { row: 1, column: 1 }));
      assert.ok((await visitor.read(".turn .question .answer")).includes(text("turn.notThere")));
      await visitor.press("button", text("turn.place", { row: 3, column: 3 }));
      assert.ok((await visitor.read(".turn .question .answer")).includes(text("turn.right")));
      await visitor.press("button", "conv2(δ, k, 'full')");
      const answer = ".turn .question:nth-of-type(2) .answer";
      assert.ok((await visitor.read(answer)).includes(text("turn.notIt")));
      await visitor.press("button", "conv2(δ, rot180(k), 'full')");
      await visitor.until("the right formula is not right", (selector, word) => document.querySelector(selector).textContent.includes(word), answer, text("turn.right"));
      assert.ok((await visitor.texts(".turn .why")).length === 1);
    },
  },
  {
    name: "at a tie and at a corner the gradient and the finite difference part",
    async run(visitor, { text }) {
      await visitor.open("turn");
      for (const kind of ["max_pool2d", "relu", "abs"]) {
        await visitor.choose(text("kink.function"), kind);
        const away = await slopes(visitor);
        assert.ok(Math.abs(away.autodiff - away.finite) < 1e-6, `${kind}: ${away.autodiff} and ${away.finite}`);
        await visitor.press("button", text("kink.corner"));
        const corner = await slopes(visitor);
        const [autodiff, finite] = { max_pool2d: [null, 0.5], relu: [0, 0.5], abs: [0, 0] }[kind];
        if (autodiff === null) assert.ok(corner.autodiff === 0 || corner.autodiff === 1, `${kind}: ${corner.autodiff}`);
        else assert.equal(corner.autodiff, autodiff, kind);
        assert.ok(Math.abs(corner.finite - finite) < 1e-6, `${kind}: the finite difference is ${corner.finite}`);
        assert.match(await visitor.read(".kink-told"), pattern(text(`kink.${kind}.on`)));
      }
    },
  },
  {
    name: "a value is dragged through a tie by the keyboard",
    async run(visitor, { text }) {
      await visitor.open("turn");
      await visitor.choose(text("kink.function"), "relu");
      const slider = await visitor.find("slider", "x");
      await slider.focus();
      for (let press = 0; press < 16; ++press) await visitor.page.keyboard.press("ArrowLeft");
      const below = await slopes(visitor);
      assert.equal(below.autodiff, 0);
      assert.match(await visitor.read(".kink-told"), pattern(text("kink.relu.away")));
    },
  },
];
