// The derivation: what the page says is what the command prints.

import assert from "node:assert/strict";

const fields = ".derive .fields";

/** Every option's label and values; those of a free text have none. */
const optionsOf = (visitor) =>
  visitor.page.$$eval(`${fields} > fieldset.choice, ${fields} > label.field`, (all) =>
    all.map((field) => ({
      label: field.querySelector("legend, .label").textContent.trim(),
      values: [...field.querySelectorAll("option, input[type=radio]")].map((each) => each.value),
    })),
  );

async function sameAsCommand(visitor, { native, text }) {
  const command = (await visitor.texts(".derive .shell code"))[0];
  await visitor.press("button", text("derive.copy-text"));
  assert.equal((await visitor.copied()).trimEnd(), native(command).trimEnd(), command);
}

export const tests = [
  {
    name: "each choice of each network rewrites it, and the text is the command's",
    native: true,
    async run(visitor, context) {
      const { text } = context;
      await visitor.open("derive");
      await visitor.read(".derive .line");
      const models = await visitor.valuesOf(text("derive.model"));
      for (const model of models) {
        await visitor.choose(text("derive.model"), model);
        await sameAsCommand(visitor, context);
        for (const { label, values } of (await optionsOf(visitor)).slice(1)) {
          for (const value of values.slice(1)) {
            await visitor.choose(label, value);
            // Some options need others: the page then says which.
            if (await visitor.page.$eval(".derive .choices [role=alert]", (alert) => alert.hidden)) await sameAsCommand(visitor, context);
            else assert.ok((await visitor.read(".derive .choices [role=alert]")).length > 10);
          }
          if (values.length > 0) await visitor.choose(label, values[0]);
        }
      }
    },
  },
  {
    name: "pointing at a symbol lights it up and shows its tensor, with the keyboard too",
    async run(visitor) {
      await visitor.open("derive");
      await visitor.read(".derive .line");
      const symbol = await visitor.element(".derive .line [data-place]");
      await symbol.focus();
      await visitor.element(".derive [data-place].lit");
      await visitor.element(".place-panel .who");
    },
  },
  {
    name: "a formula's number opens the paper's line, and Escape closes it",
    async run(visitor) {
      await visitor.open("derive");
      const link = await visitor.element(".derive .formula-id");
      const id = await link.evaluate((each) => each.textContent);
      await link.evaluate((each) => each.scrollIntoView({ block: "center" }));
      await link.click();
      assert.ok((await visitor.read("dialog.paper")).includes(id));
      await visitor.page.keyboard.press("Escape");
      await visitor.until("the card stays open", () => document.querySelector("dialog.paper") === null);
    },
  },
];
