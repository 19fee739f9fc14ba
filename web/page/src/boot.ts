// The first program of the page: it unpacks the others, if the browser can.

import { h } from "./dom";
import { unpack } from "./files";
import { missing } from "./support";
import { text, useLanguage } from "./texts";

function tell(...lines: string[]): void {
  const page = document.getElementById("page")!;
  page.replaceChildren(h("div", { class: "panel stop" }, ...lines.map((line, k) => h(k === 0 ? "h1" : "p", {}, line))));
}

function boot(): void {
  document.documentElement.lang = useLanguage(navigator.languages);
  const lack = missing();
  if (lack !== null) return tell(text("app.cannot"), text(`app.lack.${lack}`), text("app.lack.what"));
  const program = unpack("main.js");
  const address = URL.createObjectURL(new Blob([program ?? new Uint8Array()], { type: "text/javascript" }));
  document.head.append(h("script", { src: address }));
}

try {
  boot();
} catch (error) {
  tell(text("app.failed", { message: (error as Error).message }));
}
