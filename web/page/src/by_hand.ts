// Formulas as the texts write them, "δ_j = β'_j (f'(u_j) ∘ up(δ'_j))", as LaTeX.

const signs: Record<string, string> = {
  "Σ": "\\sum ", "∘": "\\circ ", "⋆": "\\star ", "−": "-", "½": "\\tfrac12 ", "¼": "\\tfrac14 ", "‖": "\\|", "²": "^2", "ᵀ": "^{\\mathsf T}",
  "⌊": "\\lfloor ", "⌋": "\\rfloor ", "⊗": "\\otimes ", "⌈": "\\lceil ", "⌉": "\\rceil ", "≥": "\\ge ", "…": "\\ldots ", "≠": "\\ne ",
  "α": "\\alpha ", "β": "\\beta ", "δ": "\\delta ", "η": "\\eta ", "θ": "\\theta ", "λ": "\\lambda ", "μ": "\\mu ", "σ": "\\sigma ", "ε": "\\varepsilon ",
  "Δ": "\\Delta ", "Ω": "\\Omega ", "∂": "\\partial ", "·": "\\cdot ", "%": "\\bmod ", "{": "\\{", "}": "\\}", "ℓ": "\\ell ",
};

const functions = new Set(["conv", "conv2", "rot180", "up", "down", "max", "log", "ln", "sign", "softmax", "msk", "abs", "exp", "tanh", "DFT", "IDFT"]);

const words = /^(?:a (?=[a-z]{2,}))?[A-Za-z]{2,}[0-9]*(?: [a-z]{2,}(?![(0-9]))*/;
const slope = /^∂([A-ZΩα](?:_[a-z]+)?)\/∂([A-Za-zα-ω](?:_[a-z]+)?)/;

/** The parenthesis that a text begins with, and what follows it. */
function parenthesis(text: string): [inside: string, rest: string] {
  let depth = 0;
  for (let i = 0; i < text.length; ++i) {
    if (text[i] === "(") ++depth;
    if (text[i] === ")" && --depth === 0) return [text.slice(1, i), text.slice(i + 1)];
  }
  return [text.slice(1), ""];
}

export function asLatex(text: string): string {
  let latex = "";
  let rest = text;
  const take = (count: number) => {
    const taken = rest.slice(0, count);
    rest = rest.slice(count);
    return taken;
  };
  while (rest !== "") {
    const previous = text[text.length - rest.length - 1] ?? " ";
    const ratio = rest.match(slope);
    const word = rest.match(words)?.[0];
    if (ratio !== null) {
      latex += `\\frac{\\partial ${asLatex(ratio[1] ?? "")}}{\\partial ${asLatex(ratio[2] ?? "")}}`;
      take(ratio[0].length);
    } else if (rest.startsWith("1/(2n)")) {
      latex += "\\tfrac{1}{2n} ";
      take(6);
    } else if (rest[0] === "_" || rest[0] === "^") {
      const sign = take(1);
      const power = sign === "^" && rest.startsWith("(") && previous !== "e"; // a map's number
      let inside: string;
      if (rest.startsWith("(")) [inside, rest] = parenthesis(rest);
      else inside = take(rest.match(/^[A-Za-zℓ0-9']+/)?.[0].length ?? 1);
      latex += `${sign}{${inside.includes("_") ? asLatex(inside) : letters(power ? `(${inside})` : inside)}}`;
    } else if (rest.startsWith("'")) {
      latex = /[\p{L})']/u.test(previous) ? latex.trimEnd() + take(1) : `${latex}\\text{\`${take(rest.indexOf("'", 1) + 1 || rest.length).slice(1)}}`;
    } else if (word !== undefined) {
      take(word.length);
      latex += wordsAsLatex(word, previous === " ", rest.startsWith(" "));
    } else if (rest.startsWith("; ") || rest.startsWith(", ")) {
      latex += take(2).trim() + "\\;\\allowbreak ";
    } else {
      const sign = String.fromCodePoint(rest.codePointAt(0) ?? 32);
      latex += signs[sign] ?? sign;
      take(sign.length);
    }
  }
  return latex;
}

/** Indices: letters side by side, whatever word they make. */
function letters(text: string): string {
  return [...text].map((letter) => signs[letter] ?? letter).join("");
}

function wordsAsLatex(text: string, spaceBefore: boolean, spaceAfter: boolean): string {
  const [first = "", ...others] = text.split(" ");
  const [before, after] = [spaceBefore ? "\\ " : "", spaceAfter ? "\\ " : ""];
  if (!functions.has(first)) return `${before}\\text{${text}}${after}`;
  const name = first === "max" || first === "log" || first === "ln" ? `\\${first} ` : `\\operatorname{${first}}`;
  return others.length === 0 ? name : `${name}\\text{ ${others.join(" ")}}${after}`;
}
