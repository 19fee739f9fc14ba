// A small box beside what is pointed at. There is one in the page.

import { h } from "./dom";

let tip: HTMLElement | null = null;

/** Shows a line above an element. If it is `spoken`, screen readers say it. */
export function showTip(beside: Element, line: string, spoken: boolean): void {
  if (tip === null) {
    tip = h("div", { class: "tip", role: "status" });
    document.body.append(tip);
  }
  tip.setAttribute("aria-live", spoken ? "polite" : "off");
  tip.textContent = line;
  tip.hidden = false;
  const at = beside.getBoundingClientRect();
  const own = tip.getBoundingClientRect();
  const left = Math.max(4, Math.min(innerWidth - own.width - 4, at.left + at.width / 2 - own.width / 2));
  const above = at.top - own.height - 8;
  tip.style.left = `${left}px`;
  tip.style.top = `${above > 4 ? above : at.bottom + 8}px`;
}

export function hideTip(): void {
  if (tip !== null) tip.hidden = true;
}
