// Train here: the page's training has the bits of the native one.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const steps = 50;
const hash = ".train .train-hash";
const command = ".train .train-command code";

const progress = ".train progress";

/** Takes single steps. */
async function take(visitor, text, count) {
  const before = await (await visitor.element(progress)).evaluate((bar) => bar.value);
  for (let step = 0; step < count; ++step) await visitor.press("button", text("train.step"));
  await visitor.until(`${count} steps are not taken`, (selector, steps) => document.querySelector(selector).value === steps, progress, before + count);
  await visitor.until("the step did not end", (name) => !webTest.find("button", name).disabled, text("train.epoch"));
}

/** Waits until a training that is begun anew is there. */
const begun = (visitor) =>
  visitor.until("it did not begin", () => document.querySelector(".train progress").value === 0 && !document.querySelector(".train [aria-busy]"));

/** Presses Pause, and waits until the last slice has ended. */
async function pause(visitor, text) {
  await visitor.press("button", text("train.pause"));
  await visitor.until("it does not pause", (name) => webTest.find("button", name) !== null, text("train.go_on"));
  await visitor.read(command);
}

/** The command and the hash that are shown once the last slice has ended: when they no longer change. */
async function shownAtRest(visitor) {
  let [before, now] = ["", null];
  while (before !== JSON.stringify(now)) {
    before = JSON.stringify(now);
    await new Promise((resolve) => setTimeout(resolve, 500));
    now = [await visitor.read(command), await visitor.read(hash)];
  }
  return now;
}

async function sameAsNative(visitor, native) {
  const [line, shown] = await shownAtRest(visitor);
  const printed = native(line);
  assert.ok(shown.length === 16 && printed.includes(shown), `${line} prints\n${printed}\nand the page ${shown}`);
  return line;
}

export const tests = [
  {
    name: `${steps} steps of lenet5 have the weights of the native command`,
    native: true,
    async run(visitor, { native, text }) {
      await visitor.open("train", { epochs: 1 });
      await take(visitor, text, steps);
      const line = await sameAsNative(visitor, native);
      assert.ok(line.includes(`train lenet5 --recipe sample --data mnist-sample --epochs 1 --stop-after ${steps} --hash`), line);
    },
  },
  {
    name: "a training that was paused has the weights of the native command, with options too",
    native: true,
    async run(visitor, { native, text }) {
      await visitor.open("train", { train: "lenet5;activation=tanh;pooling=mean", seed: 7 });
      await visitor.press("button", text("train.begin"));
      await visitor.until("no step was taken", () => document.querySelector(".train progress").value > 20);
      await pause(visitor, text);
      const line = await sameAsNative(visitor, native);
      for (const word of ["--activation tanh", "--pooling mean", "--seed 7"]) assert.ok(line.includes(word), line);
    },
  },
  {
    name: "all networks take steps, and their kernels and gradients are shown",
    async run(visitor, { text }) {
      await visitor.open("train");
      for (const network of await visitor.valuesOf(text("train.network"))) {
        await visitor.choose(text("train.network"), network);
        if (await visitor.page.evaluate((name) => !webTest.find("button", name).disabled, text("train.again"))) await visitor.press("button", text("train.again"));
        await begun(visitor);
        await take(visitor, text, 2);
        const names = await visitor.texts(".train .histogram figcaption");
        assert.ok(names.length >= 2, `${network}: ${names.length} histograms`);
        assert.equal(new Set(names).size, names.length);
        assert.ok(await visitor.page.$$eval(".train .histogram .bars", (bars) => bars.every((bar) => bar.getAttribute("d") !== "")), network);
        const kernels = await visitor.page.$$eval(".train-kernels canvas", (maps) => maps.filter((map) => map.checkVisibility()).length);
        assert.equal(kernels, network === "mlp" ? 0 : 2, `${network}: kernels now, and what was added`);
      }
    },
  },
  {
    name: "one epoch gives a result that is told, and a file that the command evaluates to the same error",
    native: true,
    async run(visitor, { native, text }) {
      await visitor.open("train", { epochs: 1 });
      await visitor.press("button", text("train.epoch"));
      const told = await visitor.read(".train [role=status].unseen");
      const error = (await visitor.texts(".train tbody td"))[2].replace(" %", "");
      assert.ok(told.includes(error), told);
      assert.ok(Number(error) < 20, `${error} %`);

      const folder = mkdtempSync(join(tmpdir(), "xgrad-web-"));
      try {
        for (const [button, end] of [["train.checkpoint", ".safetensors"], ["train.onnx", ".onnx"]]) {
          await visitor.press("button", text(button));
          const { name, bytes } = await visitor.file(end);
          writeFileSync(join(folder, name), bytes);
          const printed = native(`xgrad evaluate ${join(folder, name)} --data mnist-sample`);
          assert.ok(printed.includes(`${Number(error).toFixed(2)} %`), `${name}: the page says ${error} %, the command\n${printed}`);
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  },
  {
    name: "the rate's slider changes the rate, and no command is claimed any more",
    async run(visitor, { text }) {
      await visitor.open("train");
      const slider = await visitor.find("slider", text("train.rate"));
      await slider.focus();
      for (let press = 0; press < 4; ++press) await visitor.page.keyboard.press("ArrowLeft");
      assert.equal(await slider.evaluate((each) => each.getAttribute("aria-valuetext")), "×1/2");
      await take(visitor, text, 1);
      assert.ok((await visitor.texts(".train .train-same > p")).includes(text("train.hash.by_hand")));
      assert.deepEqual(await visitor.texts(command), []);
      await visitor.press("button", text("train.rate.reset"));
      assert.equal(await (await visitor.find("slider", text("train.rate"))).evaluate((each) => each.value), "0");
      await visitor.press("button", text("train.again"));
      await begun(visitor);
      await take(visitor, text, 1);
      assert.equal((await visitor.texts(command)).length, 1);
    },
  },
  {
    name: "it goes on while another view is shown, or pauses if that is wanted",
    async run(visitor, { text }) {
      await visitor.open("train", { epochs: 50 });
      await visitor.press("button", text("train.begin"));
      const done = () => visitor.page.$eval(".train progress", (bar) => bar.value);
      await visitor.visit("derive");
      await visitor.element("header .train-running:not([hidden])");
      const before = await done();
      await new Promise((resolve) => setTimeout(resolve, 1500));
      assert.ok((await done()) > before);
      await visitor.visit("train");
      assert.equal(await visitor.page.$("header .train-running"), null);
      await visitor.press("checkbox", text("train.pause_when_hidden"));
      await visitor.visit("derive");
      await visitor.visit("train");
      await visitor.find("button", text("train.go_on"));
    },
  },
  {
    name: "the trained network is looked at",
    async run(visitor, { text }) {
      await visitor.open("train");
      await take(visitor, text, 3);
      await visitor.press("button", text("train.look"));
      await visitor.until("the other view does not open", () => location.hash.startsWith("#look"));
      await visitor.settled();
    },
  },
];
