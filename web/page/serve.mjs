// Serves the built page on 127.0.0.1: node serve.mjs FILE [--port N] [--no-browser]

import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";

function fail(message, code) {
  console.error(`xgrad: ${message}`);
  process.exit(code);
}

function given() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { port: { type: "string", default: "8765" }, "no-browser": { type: "boolean", default: false } },
    });
  } catch (error) {
    return fail(`${error.message.split(".")[0]}; ./xgrad explore --help lists the options`, 2);
  }
}

const { values, positionals } = given();
if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65535) fail(`'${values.port}' is not a port: 0 to 65535`, 2);
if (positionals.length > 1) fail(`explore takes no '${positionals[1]}'; ./xgrad explore --help lists the options`, 2);
const page = await readFile(positionals[0]);

const server = createServer((request, response) => {
  if (request.url !== "/" && request.url !== "/index.html") {
    response.writeHead(404, { "Content-Type": "text/plain" }).end("there is only one page: /\n");
    return;
  }
  response.writeHead(200, { "Content-Type": "text/html; charset=utf-8", "Content-Length": page.length });
  response.end(request.method === "HEAD" ? undefined : page);
});

server.on("error", (error) => {
  fail(error.code === "EADDRINUSE" ? `port ${values.port} is in use: give another one, as --port 0 for any` : error.message, 1);
});
server.listen(Number(values.port), "127.0.0.1", () => {
  const address = `http://127.0.0.1:${server.address().port}/`;
  console.log(`the explorer: ${address}   (Ctrl-C ends it)`);
  if (!values["no-browser"] && (process.env.DISPLAY || process.env.WAYLAND_DISPLAY))
    spawn("xdg-open", [address], { stdio: "ignore" }).on("error", () => {});
});
