// Makes the page: one index.html that needs nothing else.
//
//   node build.mjs --out FOLDER --wasm FOLDER --data ../../data/mnist-sample [--weights FOLDER]
//
// The folder of --wasm has explorer.js and explorer.wasm, that of --weights checkpoints such as lenet5.safetensors.
// The program xz packs the files.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gunzipSync, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { textOf } from "./src/seven_bits.mjs";

const LIMIT = 3_000_000; // bytes of the page
const here = dirname(fileURLToPath(import.meta.url));

const { values: options } = parseArgs({
  options: { out: { type: "string" }, wasm: { type: "string" }, data: { type: "string" }, weights: { type: "string" } },
});
for (const name of ["out", "wasm", "data"]) {
  if (options[name] === undefined) {
    console.error(`build.mjs: --${name} FOLDER is missing`);
    process.exit(2);
  }
}

/** Formulas have no letters of these kinds, and browsers read woff2. */
const UNUSED = /Caligraphic|Fraktur|SansSerif_(Bold|Italic)|SansSerif-(Bold|Italic)|Script|Typewriter/;
const leanKatex = {
  name: "katex-fonts",
  setup(build) {
    build.onLoad({ filter: /katex\.min\.css$/ }, ({ path }) => {
      const css = readFileSync(path, "utf8")
        .replace(/@font-face\{[^}]*\}/g, (face) => (UNUSED.test(face) ? "" : face))
        .replace(/,url\([^)]*\.(woff|ttf)\) format\("[a-z]+"\)/g, "");
      return { contents: css, loader: "css", resolveDir: dirname(path) };
    });
  },
};

async function bundle(entry, extra = {}) {
  const result = await build({
    entryPoints: [join(here, "src", entry)],
    bundle: true,
    minify: true,
    write: false,
    outdir: "out",
    target: "es2022",
    format: "iife",
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
    loader: { ".woff2": "dataurl", ".txt": "text" },
    plugins: [leanKatex],
    ...extra,
  });
  const text = (end) => result.outputFiles.find((file) => file.path.endsWith(end))?.text ?? "";
  return { js: text(".js"), css: text(".css") };
}

/** {"en": {…}, "zh": {…}}: texts/en.json, texts/zh.json, …. */
function allTexts() {
  const folder = join(here, "texts");
  const languages = Object.fromEntries(
    readdirSync(folder)
      .filter((file) => file.endsWith(".json"))
      .map((file) => [file.slice(0, -5), JSON.parse(readFileSync(join(folder, file), "utf8"))]),
  );
  for (const [code, texts] of Object.entries(languages)) {
    const missing = Object.keys(languages.en).filter((key) => !(key in texts));
    if (missing.length > 0)
      console.warn(`texts/${code}: ${missing.length} missing, such as ${missing.slice(0, 3).join(", ")}`);
  }
  return languages;
}

/** A file as src/lzma.ts unpacks it. The options tell which bits of a place, and which of the byte before, say something. */
function packed(bytes, options = "lc=3,lp=0,pb=0") {
  const arguments_ = ["--format=lzma", `--lzma1=preset=9e,${options}`, "--stdout"];
  return { size: bytes.length, bytes: execFileSync("xz", arguments_, { input: bytes, maxBuffer: 1 << 28 }) };
}

/** A checkpoint without what only a training that goes on needs. */
function weightsOnly(file) {
  const begin = 8 + Number(file.readBigUInt64LE(0));
  const { __metadata__: notes, ...tensors } = JSON.parse(file.toString("utf8", 8, begin));
  delete notes.xgrad_crc32; // of the whole file
  const header = { __metadata__: notes };
  const data = [];
  let end = 0;
  for (const [name, tensor] of Object.entries(tensors)) {
    if (name.startsWith("optimizer.")) continue;
    const [from, to] = tensor.data_offsets;
    data.push(file.subarray(begin + from, begin + to));
    header[name] = { ...tensor, data_offsets: [end, (end += to - from)] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, " ")]);
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([size, padded, ...data]);
}

const sha256 = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
const inScript = (text) => text.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");

const boot = await bundle("boot.ts");
const page = await bundle("main.ts");
const worker = await bundle("worker.ts", {
  alias: { explorer: resolve(options.wasm, "explorer.js") },
  define: { "import.meta.url": '""' },
  logOverride: { "empty-import-meta": "silent" },
});

const NUMBERS = "lc=0,lp=2,pb=2"; // of four bytes
const IMAGES = "lc=4,lp=0,pb=0";

const files = new Map();
files.set("main.js", packed(Buffer.from(page.js)));
files.set("worker.js", packed(Buffer.from(worker.js)));
files.set("explorer.wasm", packed(readFileSync(join(options.wasm, "explorer.wasm"))));
for (const file of readdirSync(options.data)) {
  if (file.endsWith("-ubyte.gz")) {
    files.set(file.slice(0, -3), packed(gunzipSync(readFileSync(join(options.data, file))), IMAGES));
  }
}
if (options.weights !== undefined && existsSync(options.weights)) {
  for (const file of readdirSync(options.weights)) {
    if (file.endsWith(".safetensors")) {
      files.set(file, packed(weightsOnly(readFileSync(join(options.weights, file))), NUMBERS));
    }
  }
}

const script = inScript(boot.js);
const policy = [
  "default-src 'none'",
  `script-src ${sha256(script)} 'wasm-unsafe-eval' blob:`,
  "worker-src blob:",
  "style-src 'unsafe-inline'",
  "font-src data:",
  "img-src data: blob:",
  "connect-src 'none'",
  "form-action 'none'",
  "base-uri 'none'",
].join("; ");
const scripts = [...files].map(
  ([name, { bytes, size }]) =>
    `<script type="text/plain" data-file="${name}" data-packed="${bytes.length}" data-size="${size}">${textOf(bytes)}</script>`,
);

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>xgrad</title>
<link rel="icon" href="data:,">
<style>${page.css}</style>
</head>
<body>
<noscript>This page is a program: it needs JavaScript.</noscript>
<div id="page"></div>
<script type="application/json" id="texts">${inScript(JSON.stringify(allTexts()))}</script>
${scripts.join("\n")}
<script>${script}</script>
</body>
</html>
`;

mkdirSync(options.out, { recursive: true });
writeFileSync(join(options.out, "index.html"), html);

const size = Buffer.byteLength(html);
const show = (bytes) => `${(bytes / 1e6).toFixed(3)} MB`;
for (const [name, { bytes }] of files) console.log(`  ${name.padEnd(28)} ${show(Math.ceil((bytes.length * 8) / 7))}`);
console.log(
  `  ${"script".padEnd(28)} ${show(Buffer.byteLength(script))}\n  ${"style".padEnd(28)} ${show(Buffer.byteLength(page.css))}`,
);
console.log(
  `${join(options.out, "index.html")}: ${show(size)}, ${show(gzipSync(html, { level: 9 }).length)} if the server compresses it`,
);
if (size > LIMIT) {
  console.error(`build.mjs: the page is larger than ${show(LIMIT)}`);
  process.exit(1);
}
