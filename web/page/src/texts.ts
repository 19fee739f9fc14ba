// The page's texts, in the language of the reader.

import type { Text } from "./app";

export type Texts = Record<string, string>;

/** All languages by code, as build.mjs puts them into the page: {"en": {"look.title": "…"}}. */
function read(): Record<string, Texts> {
  if (typeof document === "undefined") return {};
  return JSON.parse(document.getElementById("texts")?.textContent ?? "{}") as Record<string, Texts>;
}

const languages = read();
let current = "en";

/** The codes of the languages, and their names in themselves. */
export function languageNames(): [code: string, name: string][] {
  return Object.entries(languages).map(([code, texts]) => [code, texts["language.name"] ?? code]);
}

/** Chooses the first of the wishes that there are texts for, such as "zh-CN"; English if there is none. */
export function useLanguage(wishes: readonly string[]): string {
  for (const wish of wishes) {
    const code = [wish, wish.split("-")[0]].find((each) => each in languages);
    if (code !== undefined) {
      current = code;
      return code;
    }
  }
  return (current = "en");
}

/** A text by its key, with {name} replaced by values. What a language lacks is said in English. */
export const text: Text = (key, values = {}) => {
  const pattern = languages[current]?.[key] ?? languages.en?.[key] ?? key;
  return pattern.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
};
