// Somebody who visits the page: opens it, presses what has a name, reads what stands there.

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

const inPage = readFileSync(new URL("in_page.js", import.meta.url), "utf8");
const patience = 60_000; // milliseconds

export class Visitor {
  errors = []; // of the console, and exceptions
  requests = []; // that left the page

  constructor(page, file, text) {
    this.page = page;
    this.address = pathToFileURL(file).href;
    this.text = text;
    page.setDefaultTimeout(patience);
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warn") this.errors.push(message.text());
    });
    page.on("pageerror", (error) => this.errors.push(error.message));
    page.on("request", (request) => {
      if (!/^(file|data|blob|about):/.test(request.url())) this.requests.push(request.url());
    });
  }

  /** Opens a view, in English if `query` does not say otherwise. `before` runs in the page ahead of its script. */
  async open(view, query = {}, before = null) {
    await this.page.evaluateOnNewDocument(inPage);
    if (before !== null) await this.page.evaluateOnNewDocument(before);
    await this.page.goto(`${this.address}#${view}?${new URLSearchParams({ lang: "en", ...query })}`);
    await this.settled();
  }

  /** Presses the link to another view. */
  async visit(view) {
    await (await this.page.waitForSelector(`nav a[href^="#${view}"]`)).click();
    await this.settled();
  }

  /** Waits until nothing is busy any more. */
  async settled() {
    let quiet = 0;
    for (const begun = Date.now(); quiet < 3; await sleep(40)) {
      quiet = (await this.page.evaluate(() => document.querySelector("#page :is(main, .stop)") !== null && !document.querySelector("[aria-busy=true]"))) ? quiet + 1 : 0;
      if (Date.now() - begun > patience) throw new Error("the page was busy for a minute");
    }
  }

  async until(what, f, ...values) {
    try {
      return await this.page.waitForFunction(f, { timeout: patience, polling: 50 }, ...values);
    } catch (error) {
      const said = await this.texts(".status.bad").catch(() => []);
      throw new Error(`${what}${said.length === 0 ? "" : `; the page says "${said.join()}"`} (${error.message})`);
    }
  }

  async find(role, name) {
    const found = await this.until(`there is no ${role} "${name}"`, (role, name) => webTest.find(role, name), role, name);
    return found.asElement();
  }

  async has(role, name) {
    return this.page.evaluate((role, name) => webTest.find(role, name) !== null, role, name);
  }

  /** Presses what is enabled, as a mouse would. */
  async press(role, name) {
    const element = await this.find(role, name);
    await this.until(`"${name}" is disabled`, (element) => !element.disabled, element);
    await element.evaluate((each) => each.scrollIntoView({ block: "center", behavior: "instant" }));
    await element.click();
  }

  /** Chooses a value of a labelled choice, radio buttons or a list. */
  async choose(label, value) {
    const field = (await this.until(`there is no choice "${label}"`, (label) => webTest.choiceOf(label), label)).asElement();
    const done = await field.evaluate((field, value) => {
      const select = field.querySelector("select");
      if (select) {
        if (![...select.options].some((option) => option.value === value)) return false;
        select.value = value;
        select.dispatchEvent(new Event("input", { bubbles: true }));
        select.dispatchEvent(new Event("change", { bubbles: true }));
        return true;
      }
      const radio = [...field.querySelectorAll("input")].find((input) => input.value === value);
      radio?.click();
      return radio !== undefined;
    }, value);
    if (!done) throw new Error(`"${label}" has no value "${value}"`);
    await this.settled();
  }

  /** The values of a labelled choice. */
  async valuesOf(label) {
    const field = (await this.until(`there is no choice "${label}"`, (label) => webTest.choiceOf(label), label)).asElement();
    return field.evaluate((field) => [...field.querySelectorAll("option, input[type=radio]")].map((each) => each.value));
  }

  /** Puts a text into a field, as a keyboard or the clipboard would. */
  async write(element, text) {
    await element.evaluate((field, text) => {
      const prototype = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement.prototype : HTMLInputElement.prototype;
      Object.getOwnPropertyDescriptor(prototype, "value").set.call(field, text);
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }, text);
  }

  /** Waits for an element of a selector. */
  async element(selector) {
    const found = await this.until(`there is no ${selector}`, (selector) => document.querySelector(selector), selector);
    return found.asElement();
  }

  /** The visible texts of all elements of a selector. */
  async texts(selector) {
    return this.page.$$eval(selector, (all) => all.filter((each) => each.checkVisibility()).map((each) => each.textContent.replace(/\s+/g, " ").trim()));
  }

  /** Waits for a visible element of a selector with some text, and returns that. */
  async read(selector) {
    const found = await this.until(`nothing is to be read at ${selector}`, (selector) => {
      const element = [...document.querySelectorAll(selector)].find((each) => each.checkVisibility() && each.textContent.trim() !== "");
      return element?.textContent.replace(/\s+/g, " ").trim();
    }, selector);
    return found.jsonValue();
  }

  /** A file that the page gave to the browser. */
  async file(end) {
    const found = await this.until(`no file ${end} was downloaded`, (end) => webTest.files.find((file) => file.name.endsWith(end)), end);
    const { name, bytes } = await found.jsonValue();
    return { name, bytes: Uint8Array.from(bytes) };
  }

  async copied() {
    return this.page.evaluate(() => webTest.copied);
  }
}
