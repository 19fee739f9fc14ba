// Draw and look: a digit, a network, its maps, one unit.

import assert from "node:assert/strict";
import { writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync, crc32 } from "node:zlib";

const bars = ".look .bars .share";
const value = (text) => Number(text.replaceAll("−", "-").replace("∞", "Infinity"));

const probabilities = async (visitor) => (await visitor.texts(bars)).map((share) => parseFloat(share));

/** Waits until the outputs are others than before. */
async function others(visitor, before) {
  await visitor.until("the outputs stay the same", (selector, before) => [...document.querySelectorAll(selector)].map((each) => parseFloat(each.textContent)).join() !== before, bars, before.join());
  await visitor.settled();
  return probabilities(visitor);
}

/** A grey PNG with a white upright stroke on black. */
function picture(size) {
  const chunk = (kind, data) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length);
    ends.writeUInt32BE(crc(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const head = Buffer.from([0, 0, 0, size, 0, 0, 0, size, 8, 0, 0, 0, 0]);
  const rows = Array.from({ length: size }, (_, i) =>
    Buffer.from([0, ...Array.from({ length: size }, (_, j) => (Math.abs(j - size / 2) < size / 14 && i > size / 6 && i < (size * 5) / 6 ? 255 : 0))]),
  );
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk("IHDR", head), chunk("IDAT", deflateSync(Buffer.concat(rows))), chunk("IEND", Buffer.alloc(0))]);
}

function crc(bytes) {
  if (crc32 !== undefined) return crc32(bytes);
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let k = 0; k < 8; ++k) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

/** Gives the page a file, and returns what it says. */
async function give(visitor, text, name, bytes) {
  const folder = mkdtempSync(join(tmpdir(), "xgrad-web-"));
  try {
    writeFileSync(join(folder, name), bytes);
    const input = await visitor.element("input[type=file]");
    await input.uploadFile(join(folder, name));
    const said = await visitor.until("nothing is said of the file", () => document.querySelector(".status").textContent);
    return await said.jsonValue();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The numbers of the unit that is looked at: its terms' sum and its own. */
async function sums(visitor) {
  const rows = await visitor.page.$$eval(".look .unit .terms tr:is(tbody *, tfoot .bias)", (all) => all.map((row) => [...row.cells].map((cell) => cell.textContent)));
  const result = value(await visitor.read(".look .unit .terms tfoot th.number"));
  const own = value((await visitor.read(".look .unit > p")).split(" = ").at(-1));
  const parts = rows.map((row) => value(row.at(-1)));
  if (parts.some(Number.isNaN)) throw new Error(`the table of terms has no numbers: ${JSON.stringify(rows)}`);
  return { rows: rows.length, sum: parts.reduce((a, b) => a + b, 0), size: parts.reduce((a, b) => a + Math.abs(b), 0), largest: Math.max(...parts), result, own };
}

/** Points at the middle of a map, and waits for its unit. */
async function pointAt(visitor, canvas) {
  await canvas.evaluate((each) => each.scrollIntoView({ block: "center", behavior: "instant" }));
  await visitor.page.mouse.move(2, 2);
  await visitor.until("the last unit is still shown", () => document.querySelector(".look .unit .terms, .look .unit .formula") === null);
  const box = await canvas.boundingBox();
  await visitor.page.mouse.move(box.x + box.width * 0.4, box.y + box.height * 0.3);
  await visitor.page.mouse.move(box.x + box.width * 0.4 + 0.5, box.y + box.height * 0.3);
  await visitor.element(".look .unit > p > .formula");
  await visitor.settled();
}

export const tests = [
  {
    name: "a digit is drawn with the mouse",
    async run(visitor, { text }) {
      await visitor.open("look");
      let before = await probabilities(visitor);
      assert.equal(before.length, 10);
      await visitor.press("button", text("draw.clear"));
      before = await others(visitor, before);
      const pad = await visitor.find("application", text("draw.pad"));
      await pad.evaluate((each) => each.scrollIntoView({ block: "center", behavior: "instant" }));
      const { x, y, width, height } = await pad.boundingBox();
      const { mouse } = visitor.page;
      await mouse.move(x + width / 2, y + height * 0.2);
      await mouse.down();
      for (let k = 1; k <= 12; ++k) await mouse.move(x + width / 2, y + height * (0.2 + 0.05 * k));
      await mouse.up();
      const after = await others(visitor, before);
      assert.equal(after.indexOf(Math.max(...after)), 1, `an upright stroke is taken for ${after}`);
    },
  },
  {
    name: "a digit is drawn with the keyboard",
    async run(visitor, { text }) {
      await visitor.open("look");
      let before = await probabilities(visitor);
      const pad = await visitor.find("application", text("draw.pad"));
      await pad.focus();
      await visitor.page.keyboard.press("Delete");
      before = await others(visitor, before);
      for (let k = 0; k < 8; ++k) await visitor.page.keyboard.press("ArrowUp");
      await visitor.page.keyboard.press(" ");
      for (let k = 0; k < 16; ++k) await visitor.page.keyboard.press("ArrowDown");
      await visitor.page.keyboard.press(" ");
      const after = await others(visitor, before);
      assert.equal(after.indexOf(Math.max(...after)), 1, `an upright stroke is taken for ${after}`);
    },
  },
  {
    name: "digits of MNIST are chosen, with the keyboard too",
    async run(visitor) {
      await visitor.open("look");
      let before = await probabilities(visitor);
      const digits = await visitor.page.$$("[role=radiogroup] [role=radio]");
      assert.ok(digits.length >= 20);
      await digits[3].click();
      before = await others(visitor, before);
      await visitor.page.keyboard.press("ArrowRight");
      await others(visitor, before);
      assert.ok(visitor.page.url().includes("digit=4"));
    },
  },
  {
    name: "a PNG is read, and what is no picture is told so",
    async run(visitor, { text }) {
      await visitor.open("look");
      assert.equal(await give(visitor, text, "one.png", picture(100)), text("strip.image-read"));
      await visitor.settled();
      const shares = await probabilities(visitor);
      assert.equal(shares.indexOf(Math.max(...shares)), 1);
      await visitor.page.evaluate(() => (document.querySelector(".status").textContent = ""));
      assert.equal(await give(visitor, text, "none.png", Buffer.from("this is no picture")), text("strip.no-image"));
    },
  },
  {
    name: "every network, and every subject of its gradient",
    async run(visitor, { text }) {
      await visitor.open("look");
      for (const network of await visitor.valuesOf(text("look.network"))) {
        await visitor.choose(text("look.network"), network);
        await visitor.settled();
        const shares = await probabilities(visitor);
        assert.ok(shares.length === 10 && shares.every(Number.isFinite), network);
        await visitor.choose(text("look.of"), "3");
        assert.ok((await visitor.texts(".look .layer")).length > 2, network);
        await visitor.choose(text("look.scales"), "own");
        await visitor.choose(text("look.inner"), "no");
        await visitor.choose(text("look.inner"), "yes");
        await visitor.choose(text("look.scales"), "one");
        await visitor.choose(text("look.of"), "-1");
      }
    },
  },
  {
    name: "a unit's terms add up to its value, in every map",
    async run(visitor, { text }) {
      await visitor.open("look");
      let tables = 0;
      for (const network of (await visitor.valuesOf(text("look.network"))).filter((name) => /^trained|mlp/.test(name))) {
        await visitor.choose(text("look.network"), network);
        await visitor.settled();
        for (const card of await visitor.page.$$(".look .layers .layer .card:has([role=application])")) {
          const canvas = await card.$("canvas");
          await pointAt(visitor, canvas);
          await new Promise((resolve) => setTimeout(resolve, 150));
          if ((await visitor.page.$(".look .unit .terms tfoot")) === null) continue;
          const { sum, size, largest, result, own } = await sums(visitor);
          const kind = await visitor.read(".look .unit .terms tfoot th:not(.number)");
          const close = (a, b, tolerance) => assert.ok(Math.abs(a - b) <= tolerance, `${network}: ${kind}: ${a} and ${b}`);
          close(result, own, 1e-3 * Math.abs(own) + 1e-6);
          if (kind === text("look.result-products") || kind === text("look.result-sum")) close(sum, result, 2e-3 * size + 1e-6);
          if (kind === text("look.result-largest")) close(largest, result, 1e-3 * Math.abs(result) + 1e-6);
          ++tables;
        }
      }
      assert.ok(tables >= 6, `only ${tables} units had terms`);
    },
  },
  {
    name: "the keyboard looks at a unit, and Escape lets it go",
    async run(visitor) {
      await visitor.open("look");
      const canvas = await visitor.element(".look .layers .layer canvas[role=application]");
      await canvas.focus();
      await visitor.page.keyboard.press("ArrowRight");
      await visitor.page.keyboard.press("ArrowDown");
      await visitor.element(".look .unit > p > .formula");
      await visitor.page.keyboard.press("Enter");
      await visitor.page.keyboard.press("Tab");
      await visitor.element(".look .unit > p > .formula");
      await visitor.page.keyboard.press("Escape");
      await visitor.until("the unit is not let go", () => document.querySelector(".look .unit > p > .formula") === null);
    },
  },
];
