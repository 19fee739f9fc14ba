// Why the kernel turns on the way back, and what a gradient is where there is none.

import type { MakeView } from "./app";
import { button, choice, clear, h, number } from "./dom";
import { formula } from "./formula";
import { kinksPanel } from "./kinks";
import { once } from "./once";
import { backward, plane, tensor, type Operation } from "./stamps";
import { formulaQuestion, placeQuestion } from "./turn_questions";
import { makeStage } from "./turn_stage";
import { beginning, counting, edge, fromWord, patch, side, toWord, type TurnState } from "./turn_state";
import { typeset } from "./typeset";
import "./turn.css";

export const makeTurnView: MakeView = (app) => {
  const element = h("section", { class: "turn" });

  const begin = (): void => {
    const state: TurnState = beginning(app.digit());
    const word = app.state.get("turn");
    if (word) fromWord(word, state);
    let ownInput = false;
    let clock = 0; // of the outputs that are pulled one after another
    let asked = 0;
    let known = false; // whether the formula has been found, and may be shown

    const controls = h("div", { class: "row bottom controls" });
    const proof = h("div", { class: "proof", "aria-live": "polite" });
    const why = h("div", { class: "why", hidden: true }, ...["turn.why1", "turn.why2", "turn.why3"].map((key) => h("p", {}, app.text(key))));

    let keeping = 0;
    const redraw = (): void => {
      stage.draw(state);
      clearTimeout(keeping);
      keeping = window.setTimeout(() => app.state.set("turn", toWord(state)), 400);
      prove().catch((error: unknown) => app.say(error instanceof Error ? error.message : String(error), "error"));
    };
    const stop = (): void => {
      clearInterval(clock);
      clock = 0;
      pullAll.textContent = app.text("turn.pullAll");
    };
    const only = (): void => {
      state.delta.data.fill(0);
      state.delta.data[state.row * side.u + state.column] = 1;
    };
    const stage = makeStage(app, {
      onOutput({ row, column }) {
        if (clock !== 0) stop();
        if (row === state.row && column === state.column) return;
        [state.row, state.column] = [row, column];
        if (!state.several) only();
        redraw();
      },
      onPull({ row, column }) {
        [state.row, state.column] = [row, column];
        const i = row * side.u + column;
        if (state.several) state.delta.data[i] = state.delta.data[i] === 0 ? 1 : 0;
        else only();
        redraw();
      },
      onDelta({ row, column }, value) {
        [state.row, state.column] = [row, column];
        if (!state.several) only();
        state.delta.data[row * side.u + column] = value;
        redraw();
      },
      onKernel({ row, column }, value) {
        state.k.data[row * side.k + column] = value;
        redraw();
      },
      onInput({ row, column }, value) {
        ownInput = true;
        state.x.data[row * side.x + column] = value;
        redraw();
      },
    });

    /** Holds the formula against the sum of all stamps. */
    const prove = async (): Promise<void> => {
      if (!known) {
        clear(proof).append(h("p", { class: "muted" }, app.text("turn.proofAsked")));
        return;
      }
      const mine = ++asked;
      const source = state.operation === "convolution" ? "conv2(δ, rot180(k), 'full')" : "conv2(δ, k, 'full')";
      const stamps = backward(state.delta, state.x, state.k, state.operation);
      const { value } = await app.engine.ask("evaluate", { formula: source, given: [{ name: "δ", value: tensor(state.delta) }, { name: "k", value: tensor(state.k) }] });
      if (mine !== asked) return;
      const far = stamps.data.reduce((most, each, i) => Math.max(most, Math.abs(each - (value.data[i] ?? NaN))), 0);
      clear(proof).append(
        formula(`\\frac{\\partial E}{\\partial x} = ${typeset(source)}`, { display: true }),
        h("p", { class: far === 0 ? "good" : far < 1e-9 ? "" : "bad" }, app.text("turn.proof", { difference: number(far) })),
      );
    };

    const operate = (operation: Operation): void => {
      state.operation = operation;
      redraw();
      second.forget();
      drawControls();
    };
    const pullAll = button(app.text("turn.pullAll"), () => {
      if (clock !== 0) return stop();
      state.several = true;
      state.delta.data.fill(0);
      drawControls();
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
        state.delta.data.fill(1);
        return redraw();
      }
      let i = 0;
      const pull = (): void => {
        [state.row, state.column] = [Math.floor(i / side.u), i % side.u];
        state.delta.data[i] = 1;
        redraw();
        if (++i === state.delta.data.length) stop();
      };
      pullAll.textContent = app.text("turn.stop");
      clock = window.setInterval(pull, 320);
      pull();
    });
    const drawControls = (): void => {
      clear(controls).append(
        choice({
          label: app.text("turn.operation"),
          values: [
            ["convolution", app.text("turn.convolutionChoice")],
            ["correlation", app.text("turn.correlationChoice")],
          ],
          value: state.operation,
          onChange: (value) => operate(value === "convolution" ? "convolution" : "correlation"),
        }),
        choice({
          label: app.text("turn.pull"),
          values: [
            ["one", app.text("turn.one")],
            ["several", app.text("turn.several")],
          ],
          value: state.several ? "several" : "one",
          onChange: (value) => {
            state.several = value === "several";
            stop();
            if (!state.several) only();
            redraw();
          },
        }),
        pullAll,
        button(app.text("turn.clear"), () => {
          stop();
          state.several = true;
          state.delta = plane(side.u, side.u);
          drawControls();
          redraw();
        }),
        h(
          "span",
          { class: "row", role: "group", "aria-label": app.text("turn.kernels") },
          button(app.text("turn.counting"), () => ((state.k = counting()), redraw())),
          button(app.text("turn.edge"), () => ((state.k = edge()), redraw())),
          button(app.text("turn.digit"), () => ((ownInput = false), (state.x = patch(app.digit())), redraw())),
        ),
      );
    };
    const tried = (): void => {
      why.hidden = false;
    };
    const first = placeQuestion(app, () => {
      operate("convolution");
      tried();
    });
    const second = formulaQuestion(app, () => state, () => {
      known = true;
      tried();
      redraw();
    });

    drawControls();
    second.forget();
    app.onDigit((digit) => {
      if (ownInput) return;
      state.x = patch(digit);
      redraw();
    });
    const kinked = kinksPanel(app);
    element.append(
      h("h2", {}, app.text("turn.title")),
      h("p", { class: "lead" }, app.text("turn.lead")),
      controls,
      h("p", { class: "terms" }, app.text("turn.terms")),
      stage.element,
      proof,
      h("div", { class: "questions" }, first, second.element),
      why,
      kinked.element,
    );
    redraw();
    kinked.shown();
  };

  return {
    element,
    shown: once(begin),
    hidden() {},
  };
};
