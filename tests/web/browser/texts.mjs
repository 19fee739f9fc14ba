// The page's texts: tests name what they press by the words that a reader sees.

import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../../../web/page/texts/", import.meta.url);

/** All texts of a language, by key. */
export function textsOf(language) {
  const files = readdirSync(folder).filter((file) => file === `${language}.json` || (file.startsWith(`${language}.`) && file.endsWith(".json")));
  return Object.assign({}, ...files.sort().map((file) => JSON.parse(readFileSync(new URL(file, folder), "utf8"))));
}

export const languages = [...new Set(readdirSync(folder).map((file) => file.split(".")[0]))];

export function textIn(language) {
  const texts = textsOf(language);
  return (key, values = {}) => {
    if (!(key in texts)) throw new Error(`there is no text ${key} in ${language}`);
    return texts[key].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  };
}

/** A regular expression for a text whose {places} may hold anything. */
export function pattern(text) {
  return new RegExp(text.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("(.*?)") + "$", "s");
}
