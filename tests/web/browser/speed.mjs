// How fast the page is on this machine: a report, not a test.

const size = { width: 1280, height: 900 };
const rounded = (milliseconds) => `${milliseconds.toFixed(0)} ms`;

export async function measure(browser, visit) {
  await visit(size, async (visitor) => {
    const begun = performance.now();
    await visitor.open("look");
    console.log(`web: ${browser}: the page is ready after ${rounded(performance.now() - begun)}`);

    const digits = await visitor.page.$$("[role=radiogroup] [role=radio]");
    const times = [];
    for (const digit of digits.slice(1, 9)) {
      times.push(
        await digit.evaluate(async (element) => {
          const begun = performance.now();
          element.click();
          const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
          do await frame();
          while (document.querySelector("[aria-busy=true]"));
          return performance.now() - begun;
        }),
      );
    }
    times.sort((a, b) => a - b);
    console.log(`web: ${browser}: another digit is recorded and drawn after ${rounded(times[times.length >> 1])}, the median of ${times.length}`);

    await visitor.visit("train");
    const epoch = await visitor.find("button", visitor.text("train.epoch"));
    const before = performance.now();
    await epoch.click();
    await visitor.until("no epoch ended", () => document.querySelectorAll(".train table tbody tr").length > 0);
    console.log(`web: ${browser}: an epoch of lenet5 and its test take ${rounded(performance.now() - before)}`);

    await visitor.press("button", visitor.text("train.go_on"));
    const frames = await visitor.page.evaluate(async () => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const gaps = [];
      for (let last = await frame(); gaps.length < 60; ) {
        const now = await frame();
        gaps.push(now - last);
        last = now;
      }
      return gaps.sort((a, b) => a - b);
    });
    console.log(`web: ${browser}: while it trains, a frame comes every ${rounded(frames[30])} (median), every ${rounded(frames[57])} at worst of 20`);
  });
}
