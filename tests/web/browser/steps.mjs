// Forwards and back, step by step.

import assert from "node:assert/strict";

const place = ".steps .controls output";

export const tests = [
  {
    name: "the time line goes to its end, and each step tells something",
    async run(visitor, { text }) {
      await visitor.open("steps");
      await visitor.read(place);
      const [, steps] = (await visitor.read(place)).split(" / ").map(Number);
      assert.ok(steps > 40);
      const slider = await visitor.find("slider", text("steps.slider"));
      await slider.focus();
      const said = new Set();
      for (let step = 1; step <= steps; ++step) {
        assert.equal(await visitor.read(place), `${step} / ${steps}`);
        const heading = await visitor.read(".step-card h3");
        said.add(heading);
        await visitor.page.keyboard.press("ArrowRight");
      }
      assert.ok(said.size > 20, `only ${said.size} different headings`);
      assert.equal(await visitor.read(place), `${steps} / ${steps}`);
    },
  },
  {
    name: "its buttons",
    async run(visitor, { text }) {
      await visitor.open("steps");
      await visitor.read(place);
      await visitor.press("button", text("steps.last"));
      const [last, steps] = (await visitor.read(place)).split(" / ");
      assert.equal(last, steps);
      await visitor.press("button", text("steps.previous"));
      assert.equal(await visitor.read(place), `${steps - 1} / ${steps}`);
      await visitor.press("button", text("steps.next"));
      assert.equal(await visitor.read(place), `${steps} / ${steps}`);
      await visitor.press("button", text("steps.first"));
      assert.equal(await visitor.read(place), `1 / ${steps}`);
      await visitor.press("button", text("steps.turn"));
      const turn = Number((await visitor.read(place)).split(" / ")[0]);
      assert.ok(turn > 1 && turn < steps);
      await visitor.press("button", text("steps.play"));
      await visitor.until("it does not play", (selector, from) => Number(document.querySelector(selector).textContent.split(" / ")[0]) >= from + 2, place, turn);
      await visitor.press("button", text("steps.pause"));
    },
  },
  {
    name: "a class's score instead of the loss",
    async run(visitor, { text }) {
      await visitor.open("steps");
      for (const of of ["3", "loss"]) {
        await visitor.choose(text("steps.of"), of);
        await visitor.press("button", text("steps.last"));
        assert.ok((await visitor.read(".step-card h3")).length > 0);
      }
    },
  },
];
