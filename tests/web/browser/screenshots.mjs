// Pictures of every view, narrow and wide, light and dark.

import { mkdirSync } from "node:fs";
import { join } from "node:path";

export const views = ["look", "steps", "derive", "check", "turn", "train"];
const widths = { 360: 780, 1280: 900, 2560: 1400 };

export async function takeScreenshots(browser, visit, folder) {
  mkdirSync(folder, { recursive: true });
  for (const [width, height] of Object.entries(widths)) {
    for (const theme of ["light", "dark"]) {
      await visit({ width: Number(width), height }, async (visitor) => {
        await visitor.page.evaluateOnNewDocument((theme) => localStorage.setItem("xgrad.theme", theme), theme);
        for (const view of views) {
          if (view === views[0]) await visitor.open(view);
          else await visitor.visit(view);
          if (view === "train") {
            await visitor.press("button", visitor.text("train.epoch"));
            await visitor.read(".train tbody td");
          }
          // What is painted when it comes into sight is painted then.
          await visitor.page.evaluate(async () => {
            const pause = () => new Promise((resolve) => setTimeout(resolve, 60));
            for (let top = 0; top < document.body.scrollHeight; top += innerHeight / 2) {
              scrollTo({ top, behavior: "instant" });
              await pause();
            }
            scrollTo({ top: 0, behavior: "instant" });
            await pause();
          });
          await new Promise((resolve) => setTimeout(resolve, 300));
          const path = join(folder, `${browser}-${view}-${width}-${theme}.png`);
          await visitor.page.screenshot({ path, fullPage: true });
          console.log(path);
        }
      });
    }
  }
}
