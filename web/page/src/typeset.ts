// The papers' notation as LaTeX, piece by piece: a formula that is not finished is shown as far as it goes.

const letters: Record<string, string> = {
  α: "\\alpha", β: "\\beta", γ: "\\gamma", δ: "\\delta", ε: "\\varepsilon", η: "\\eta", λ: "\\lambda", μ: "\\mu", σ: "\\sigma",
  alpha: "\\alpha", beta: "\\beta", gamma: "\\gamma", delta: "\\delta", epsilon: "\\varepsilon", eta: "\\eta", lambda: "\\lambda", mu: "\\mu", sigma: "\\sigma",
};

const signs: Record<string, string> = {
  ".*": "\\circ ", "∘": "\\circ ", "./": "\\,/\\,", ".^": "^", "*": "\\cdot ", "·": "\\cdot ", "-": "-", "−": "-", "^": "^", "⊗": "\\otimes ", "⋆": "\\star ", "Σ": "\\textstyle\\sum ",
  "<=": "\\le ", ">=": "\\ge ", "==": "=", "'": "^{\\mathsf T}", "{": "\\{", "}": "\\}", "_": "\\_", "%": "\\%", "#": "\\#", "&": "\\&", "$": "\\$", "∂": "\\partial ", "~": "\\sim ", "\\": "\\backslash ",
};

const piece = /\s+|\d+(?:\.\d+)?(?:e[+-]?\d+)?|\p{L}[\p{L}\d_]*|\.[*/^]|<=|>=|==|./gsu;

/** LaTeX of a formula. */
export function typeset(source: string): string {
  const pieces: string[] = source.match(piece) ?? [];
  let latex = "";
  let operand = false; // whether the piece before can be transposed
  for (let i = 0; i < pieces.length; ++i) {
    const it = pieces[i];
    const next = pieces[i + 1] ?? "";
    if (/^\s/.test(it)) continue;
    if (it === "'" && !operand) {
      const end = pieces.indexOf("'", i + 1);
      latex += `\\text{‘${plain(pieces.slice(i + 1, end < 0 ? undefined : end).join(""))}’}`;
      i = end < 0 ? pieces.length : end;
      operand = true;
    } else if (/^\p{L}/u.test(it)) {
      latex += next === "(" && !(it in letters) ? `\\operatorname{${plain(it)}}` : name(it);
      operand = true;
    } else if (/^\d/.test(it)) {
      latex += `{${it}}`;
      operand = true;
    } else {
      latex += it === "(" ? "(" : it === "," ? ",\\," : (signs[it] ?? it);
      operand = it === ")" || it === "'";
    }
    if (it === "^" || it === ".^") latex += /^[\p{L}\d]/u.test(next.trim()) ? "" : "{}";
  }
  return latex;
}

/** A letter, Greek or Latin; a longer name stands upright, and what follows an underscore is an index. */
function name(text: string): string {
  const [head, ...index] = text.split("_");
  const letter = letters[head] ?? (head.length === 1 ? head : `\\mathrm{${plain(head)}}`);
  return index.length > 0 && index[0] !== "" ? `${letter}_{\\mathrm{${plain(index.join(","))}}}` : `{${letter}}`;
}

const plain = (text: string): string => text.replace(/[\\{}$&#^_%~]/g, "");
