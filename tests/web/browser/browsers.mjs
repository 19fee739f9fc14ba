// The browsers that the tests drive, through puppeteer-core.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";

/** What is missing for the tests to run, in plain words. */
export class Missing extends Error {}

const programs = {
  chromium: ["chromium", "chromium-browser", "google-chrome"],
  firefox: ["firefox-esr", "firefox"],
};

export const browserNames = Object.keys(programs);

function programOf(browser) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  for (const name of programs[browser])
    for (const folder of folders) if (existsSync(join(folder, name))) return join(folder, name);
  throw new Missing(`${browser} is not installed: ${programs[browser].join(", ")} is not in any folder of PATH`);
}

async function puppeteer() {
  const page = new URL("../../../web/page/package.json", import.meta.url);
  for (const from of [page, pathToFileURL(join(process.cwd(), "package.json"))]) {
    try {
      return (await import(pathToFileURL(createRequire(from).resolve("puppeteer-core")).href)).default;
    } catch (error) {
      if (error.code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  throw new Missing("puppeteer-core is not installed: run `npm install` in web/page");
}

/** Starts a browser without a window. Root has no sandbox. */
export async function launch(browser) {
  const root = process.getuid?.() === 0;
  return (await puppeteer()).launch({
    browser: browser === "chromium" ? "chrome" : "firefox",
    executablePath: programOf(browser),
    headless: true,
    args: browser === "chromium" ? [...(root ? ["--no-sandbox"] : []), "--disable-dev-shm-usage"] : [],
    protocolTimeout: 300_000,
  });
}
