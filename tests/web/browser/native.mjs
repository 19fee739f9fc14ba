// The native command, with which the page must agree.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const tree = fileURLToPath(new URL("../../../", import.meta.url));

/** A function that runs the words of a shell line with the program: "XGRAD_ARCH=baseline xgrad graph cnn --backward". */
export function nativeCommand(program) {
  return (line) => {
    const words = (line.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'(.*)'$/, "$1"));
    const env = { ...process.env, XGRAD_ARCH: "baseline", XGRAD_DATA: undefined };
    while (/^[A-Z_]+=/.test(words[0])) {
      const [name, value] = words.shift().split("=");
      env[name] = value;
    }
    if (words.shift() !== "xgrad") throw new Error(`not a line with xgrad: ${line}`);
    try {
      return execFileSync(program, words, { env, cwd: tree, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    } catch (error) {
      // `compare` says by its exit code that gradients differ.
      if (words[0] === "compare" && error.status === 1) return error.stdout;
      throw new Error(`${line}: ${error.stderr || error.message}`);
    }
  };
}
