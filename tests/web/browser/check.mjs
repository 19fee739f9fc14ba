// Your gradient: problems, programs that go wrong, planted mistakes.

import assert from "node:assert/strict";
import { pattern } from "./texts.mjs";

const problems = ".check .problems li > button";
const area = ".check .editor textarea";
const verdict = ".check .outcome .verdict";

/** Opens the problem of a number. */
async function openProblem(visitor, index) {
  await visitor.element(problems);
  await visitor.page.$$eval(problems, (all, index) => all[index].click(), index);
  await visitor.element(area);
}

async function run(visitor, text, source) {
  if (source !== null) await visitor.write(await visitor.element(area), source);
  await visitor.press("button", text("check.check"));
}

/** Runs a JavaScript program, and returns what is said of it. */
async function told(visitor, text, source) {
  await run(visitor, text, source);
  return visitor.read(".check .editor .told p");
}

async function openJavaScript(visitor, text) {
  await visitor.open("check");
  await openProblem(visitor, 0);
  await visitor.choose(text("check.language"), "javascript");
}

export const tests = [
  {
    name: "each right formula agrees, and each puzzle's start is explained",
    async run(visitor, { text }) {
      await visitor.open("check");
      await visitor.element(problems);
      const count = await visitor.page.$$eval(problems, (all) => all.length);
      assert.ok(count >= 10, `${count} problems`);
      const wrong = [];
      for (let i = 0; i < count; ++i) {
        await openProblem(visitor, i);
        const title = `${i}: ${await visitor.read(".check .problem h3")}`;
        const start = await visitor.page.$eval(area, (field) => field.value);
        if (start.trim() !== "") {
          await run(visitor, text, null);
          const said = await visitor.read(`${verdict}.bad strong`);
          if (said === text("check.differs")) wrong.push(`${title}: the start has no explanation`);
        }
        await visitor.press("button", text("check.showHint"));
        assert.ok((await visitor.read(".check .hint")).length > 10, title);
        await visitor.press("button", text("check.showRight"));
        const right = await visitor.read(".check .solution > code");
        await visitor.page.$eval(".check .result", (result) => result.replaceChildren());
        await run(visitor, text, right);
        const said = await visitor.read(`${verdict}, .check .editor .told`);
        if (!said.includes(text("check.agrees"))) wrong.push(`${title}: ${right}: ${said}`);
      }
      assert.deepEqual(wrong, []);
      assert.ok((await visitor.texts(".check .problems summary"))[0].includes(text("check.solved", { solved: count, all: count })));
    },
  },
  {
    name: "a formula with a mistake in it is told where",
    async run(visitor, { text }) {
      await visitor.open("check");
      await openProblem(visitor, 0);
      await run(visitor, text, "conv2(x, ");
      await visitor.read(".check .editor .told p");
      assert.equal(await visitor.page.$eval(area, (field) => field.getAttribute("aria-invalid")), "true");
      await visitor.element(".check .editor .caret");
      await run(visitor, text, "nonsense");
      assert.ok((await visitor.read(".check .editor .told p")).includes("nonsense"));
    },
  },
  {
    name: "the keyboard checks a formula",
    async run(visitor) {
      await visitor.open("check");
      await openProblem(visitor, 0);
      await visitor.page.focus(area);
      await visitor.page.keyboard.down("Control");
      await visitor.page.keyboard.press("a");
      await visitor.page.keyboard.up("Control");
      await visitor.page.keyboard.type("0");
      await visitor.page.keyboard.down("Control");
      await visitor.page.keyboard.press("Enter");
      await visitor.page.keyboard.up("Control");
      await visitor.read(".check .outcome, .check .editor .told p");
    },
  },
  {
    name: "a program that never ends is ended",
    async run(visitor, { text }) {
      await openJavaScript(visitor, text);
      assert.match(await told(visitor, text, "for (;;) {}"), pattern(text("check.endless")));
      // The page goes on.
      assert.ok((await told(visitor, text, "return 'x';")).length > 0);
    },
  },
  {
    name: "a program that throws is told with its line",
    async run(visitor, { text }) {
      await openJavaScript(visitor, text);
      const said = await told(visitor, text, "\n\nthrow new Error('my own message');");
      assert.ok(said.includes("my own message"), said);
      assert.ok(said.includes("3"), said);
      assert.ok((await told(visitor, text, "const a = 1;\nreturn undefinedName;")).includes("undefinedName"));
      assert.ok((await told(visitor, text, "return (")).length > 0);
    },
  },
  {
    name: "a program that gives nothing, another shape or NaN is told so",
    async run(visitor, { text }) {
      await openJavaScript(visitor, text);
      assert.ok((await told(visitor, text, "const a = 1;")).length > 10);
      assert.ok((await told(visitor, text, "return [[1, 2], [3]];")).length > 10);
      await run(visitor, text, "return [[1, 2, 3, 4, 5, 6, 7]];");
      assert.ok((await visitor.read(`${verdict}.bad strong`)).length > 10);
      await openProblem(visitor, 0); // a new one, without the last result
      const shape = (await visitor.page.$eval(".check .asked", (each) => each.textContent)).match(/\d+( × \d+)*/)[0].split(" × ");
      await run(visitor, text, `return Array(${shape.join(" * ")}).fill(NaN);`);
      assert.match(await visitor.read(`${verdict}.bad strong, .check .editor .told p`), /NaN|number/i);
    },
  },
  {
    name: "a link holds the problem and what was written",
    async run(visitor, { text }) {
      await visitor.open("check");
      await openProblem(visitor, 2);
      const title = await visitor.read(".check .problem h3");
      await visitor.write(await visitor.element(area), "rot180(δ)");
      await visitor.until("the link has no gradient", () => location.hash.includes("gradient="));
      await new Promise((resolve) => setTimeout(resolve, 700));
      const query = Object.fromEntries(new URLSearchParams(new URL(visitor.page.url()).hash.split("?")[1]));
      await visitor.page.evaluate(() => localStorage.clear());
      await visitor.page.goto("about:blank");
      await visitor.open("check", query);
      assert.equal(await visitor.read(".check .problem h3"), title);
      assert.equal(await visitor.page.$eval(area, (field) => field.value), "rot180(δ)");
      assert.ok(await visitor.has("button", text("check.check")));
    },
  },
  ...["mlp", "bouvrie", "lenet5"].map((model) => ({
    name: `mistakes planted in ${model} are explained as the command does`,
    native: true,
    async run(visitor, { native, text }) {
      await visitor.open("check");
      await visitor.choose(text("check.tabs"), "planted");
      await visitor.choose(text("check.network"), model);
      const names = await visitor.valuesOf(text("check.mistake"));
      assert.ok(names.length > 5);
      for (const name of model === "mlp" ? names : [names[0], names[names.length >> 1], names.at(-1)]) {
        await visitor.choose(text("check.mistake"), name);
        await visitor.press("button", text("check.plant"));
        await visitor.element(".planted .printed");
        await visitor.settled();
        const expected = native(`xgrad compare ${model} --plant ${name}`).replace(/\s+/g, " ");
        const explained = await visitor.texts(".planted .why");
        assert.ok(explained.length > 0, name);
        for (const why of explained) assert.ok(expected.includes(why), `${name}: the command does not say "${why}" but\n${expected}`);
        const [, wrong, rows] = expected.match(/(\d+) of (\d+) rows differ/).map(Number);
        assert.deepEqual([(await visitor.texts(".planted .differs")).length, (await visitor.texts(".planted .line")).length], [wrong, rows], name);
      }
    },
  })),
  {
    name: "a mistake is guessed",
    async run(visitor, { text }) {
      await visitor.open("check");
      await visitor.choose(text("check.tabs"), "planted");
      await visitor.choose(text("check.network"), "mlp");
      await visitor.press("button", text("check.quiz"));
      const names = await visitor.valuesOf(text("check.guess"));
      for (const name of names) {
        if (await visitor.page.$(".planted p.good")) break;
        await visitor.choose(text("check.guess"), name);
        await visitor.press("button", text("check.thatIsIt"));
      }
      await visitor.element(".planted p.good");
    },
  },
];
