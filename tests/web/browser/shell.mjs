// What holds for the whole page: its frame, its languages, what it needs of a browser.

import assert from "node:assert/strict";
import { views } from "./screenshots.mjs";
import { languages, textIn, textsOf } from "./texts.mjs";

async function throughViews(visitor, f) {
  for (const view of views) {
    if (view === views[0]) await visitor.open(view);
    else await visitor.visit(view);
    await f(view);
  }
}

function needs(name, key, script) {
  return {
    name: `without ${name} it says so`,
    async run(visitor, { text }) {
      await visitor.open("look", {}, script);
      assert.ok((await visitor.read(".stop")).includes(text(key).slice(0, 40)));
    },
  };
}

export const tests = [
  {
    name: "every view opens from a file, with no error and no request",
    run: (visitor) =>
      throughViews(visitor, async (view) => {
        assert.ok((await visitor.read("main .view:not([hidden]) h2, main .view:not([hidden]) h3")).length > 0, view);
        assert.deepEqual(await visitor.texts(".status.bad, main [role=alert]:not(:empty)"), [], view);
      }),
  },
  {
    name: "nothing is wider than a narrow page",
    size: { width: 360, height: 780 },
    run: (visitor) =>
      throughViews(visitor, async (view) => {
        assert.deepEqual(await visitor.page.evaluate(() => webTest.wide()), [], view);
        assert.ok(await visitor.page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), view);
      }),
  },
  {
    name: "nothing is wider than a narrow page in Chinese",
    size: { width: 360, height: 780 },
    async run(visitor) {
      await visitor.open("look", { lang: "zh" });
      for (const view of views) {
        await visitor.visit(view);
        assert.deepEqual(await visitor.page.evaluate(() => webTest.wide()), [], view);
      }
    },
  },
  {
    name: "everything that can be pressed has a name",
    run: (visitor) => throughViews(visitor, async (view) => assert.deepEqual(await visitor.page.evaluate(() => webTest.nameless()), [], view)),
  },
  {
    name: "all languages have all texts, with the same places in them",
    async run() {
      const english = textsOf("en");
      const places = (text) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort().join();
      for (const language of languages) {
        const texts = textsOf(language);
        const other = Object.keys(english).filter((key) => !(key in texts) || places(texts[key]) !== places(english[key]));
        assert.deepEqual(other, [], language);
      }
    },
  },
  {
    name: "in Chinese no English text and no key of a text is left",
    async run(visitor) {
      const english = textsOf("en");
      const chinese = textsOf("zh");
      const sentences = Object.entries(english).filter(([key, text]) => text.length > 8 && !/\{/.test(text) && text !== chinese[key] && /[a-z]{3}/.test(text));
      await visitor.open("look", { lang: "zh" });
      for (const view of views) {
        await visitor.visit(view);
        const words = await visitor.page.evaluate(() => webTest.words());
        assert.deepEqual(words.filter((word) => word in english), [], `${view}: keys`);
        assert.deepEqual(sentences.filter(([, text]) => words.includes(text)).map(([key]) => key), [], `${view}: English`);
      }
    },
  },
  {
    name: "the language is switched and kept",
    async run(visitor, { text }) {
      await visitor.open("turn");
      const leave = visitor.page.waitForNavigation();
      await visitor.choose(text("app.language"), "zh").catch(() => {}); // the page begins anew
      await leave.catch(() => {});
      await visitor.settled();
      const title = textIn("zh")("app.title");
      assert.ok((await visitor.page.title()).includes(title));
      assert.equal(await visitor.page.$eval("html", (html) => html.lang), "zh");
    },
  },
  {
    name: "light and dark are switched",
    async run(visitor, { text }) {
      await visitor.open("look");
      const paper = () => visitor.page.$eval("body", (body) => getComputedStyle(body).backgroundColor);
      await visitor.choose(text("app.theme"), "light");
      const light = await paper();
      await visitor.choose(text("app.theme"), "dark");
      assert.notEqual(await paper(), light);
    },
  },
  {
    name: "the keyboard reaches the content and every view",
    async run(visitor, { text }) {
      await visitor.open("look");
      await visitor.page.keyboard.press("Tab");
      assert.equal(await visitor.page.evaluate(() => document.activeElement?.textContent), text("app.skip"));
      for (const view of views.slice(1)) {
        await visitor.page.focus(`nav a[href^="#${view}"]`);
        await visitor.page.keyboard.press("Enter");
        await visitor.settled();
        assert.equal(await visitor.page.$eval("nav [aria-current=page]", (link) => link.getAttribute("href").split("?")[0]), `#${view}`);
      }
    },
  },
  {
    name: "the browser's buttons lead back and forth",
    async run(visitor) {
      await throughViews(visitor, async () => {});
      await visitor.page.goBack();
      await visitor.settled();
      assert.equal(await visitor.page.$eval("nav [aria-current=page]", (link) => link.getAttribute("href").split("?")[0]), `#${views.at(-2)}`);
    },
  },
  needs("WebAssembly", "app.lack.wasm", "delete globalThis.WebAssembly"),
  needs("SIMD", "app.lack.simd", "WebAssembly.validate = (bytes) => !bytes.includes(253)"),
  needs("workers", "app.lack.worker", "delete globalThis.Worker"),
  {
    name: "a link that makes no sense opens the page all the same",
    async run(visitor) {
      await visitor.open("nonsense", { net: "new~nonsense~x", digit: "d.zzz", gradient: "dzzz", step: "-7", derive: "x;y=z", train: "nothing;a=b", epochs: "-1" });
      for (const view of views) await visitor.visit(view);
    },
  },
];
