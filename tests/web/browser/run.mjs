// Tests of the page in real browsers.
//
//   node tests/web/browser/run.mjs PAGE.html [--browser chromium|firefox] [--native XGRAD] [--only WORDS]
//   node tests/web/browser/run.mjs PAGE.html --screenshots FOLDER
//   node tests/web/browser/run.mjs PAGE.html --speed
//
// Without --native, what compares the page with the command is left out. The exit code is 1 if a test failed, and 77 if
// puppeteer-core or a browser is missing.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { browserNames, launch, Missing } from "./browsers.mjs";
import { nativeCommand } from "./native.mjs";
import { measure } from "./speed.mjs";
import { takeScreenshots } from "./screenshots.mjs";
import { textIn } from "./texts.mjs";
import { Visitor } from "./visitor.mjs";

const files = ["shell", "look", "steps", "derive", "check", "turn", "train"];

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    browser: { type: "string", multiple: true },
    native: { type: "string" },
    only: { type: "string" },
    screenshots: { type: "string" },
    speed: { type: "boolean" },
  },
});
const page = positionals[0];
if (positionals.length !== 1 || !existsSync(page)) {
  console.error(page === undefined ? "usage: node run.mjs PAGE.html [--browser chromium|firefox] [--native XGRAD]" : `run.mjs: there is no ${page}`);
  process.exit(2);
}

const text = textIn("en");

/** Gives a visitor with a clean memory to f. */
async function visiting(browser, size, f) {
  const context = await browser.createBrowserContext();
  try {
    const tab = await context.newPage();
    await tab.setViewport(size);
    const visitor = new Visitor(tab, resolve(page), text);
    return await f(visitor);
  } finally {
    await context.close();
  }
}

async function runTests(browserName, browser) {
  const native = options.native === undefined ? null : nativeCommand(resolve(options.native));
  let [passed, failed] = [0, 0];
  for (const file of files) {
    const { tests } = await import(`./${file}.mjs`);
    for (const test of tests) {
      if (options.only !== undefined && !`${file}: ${test.name}`.includes(options.only)) continue;
      if (test.native && native === null) continue;
      if (!browser.connected) throw new Error(`${browserName} has ended before ${file}: ${test.name}`);
      const begun = performance.now();
      try {
        await visiting(browser, test.size ?? { width: 1280, height: 900 }, async (visitor) => {
          await test.run(visitor, { native, text, browserName });
          const errors = [...new Set(visitor.errors)];
          assert.deepEqual(errors, [], "the console is not clean");
          assert.deepEqual(visitor.requests, [], "the page asked the network");
        });
        ++passed;
        console.log(`web: ${browserName}: ${file}: ${test.name} … ok (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
      } catch (error) {
        ++failed;
        console.log(`web: ${browserName}: ${file}: ${test.name} … FAILED\n  ${String(error.message ?? error).replaceAll("\n", "\n  ")}`);
      }
    }
  }
  return { passed, failed };
}

let [passed, failed] = [0, 0];
try {
  for (const name of options.browser ?? browserNames) {
    const browser = await launch(name);
    try {
      const visit = (size, f) => visiting(browser, size, f);
      if (options.screenshots !== undefined) await takeScreenshots(name, visit, options.screenshots);
      else if (options.speed) await measure(name, visit);
      else {
        const result = await runTests(name, browser);
        passed += result.passed;
        failed += result.failed;
      }
    } finally {
      await browser.close();
    }
  }
} catch (error) {
  if (!(error instanceof Missing)) throw error;
  console.log(`web: not tested: ${error.message}`);
  process.exit(77);
}
if (options.screenshots === undefined && !options.speed) {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}
