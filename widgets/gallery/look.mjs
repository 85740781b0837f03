// Takes pictures of scenes: `node look.mjs FOLDER NAME=WIDTHxHEIGHT?QUERY...`. Serves this folder by itself, with what
// `cargo xtask npm` made.
// Environment: PLAYWRIGHT (where playwright-core is), CHROMIUM.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { join, extname } from "node:path";
import { pathToFileURL } from "node:url";

const here = import.meta.dirname;
const built = join(here, "../../dist/public");
const { chromium } = (await import(pathToFileURL(join(process.env.PLAYWRIGHT, "index.js")).href)).default;
const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm" };
const server = createServer(async (request, response) => {
  const path = new URL(request.url, "http://x").pathname;
  try {
    const body = await readFile(join(path.startsWith("/sparkweb/") ? built : here, path));
    response.writeHead(200, { "content-type": types[extname(path)] ?? "text/plain" }).end(body);
  } catch {
    response.writeHead(404).end();
  }
}).listen(0);
const port = server.address().port;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
});
const [folder, ...shots] = process.argv.slice(2);
for (const shot of shots) {
  const [, name, width, height, query, script] = /^([^=]+)=(\d+)x(\d+)\?([^!]*)(?:!(.*))?$/s.exec(shot);
  const context = await browser.newContext({ viewport: { width: +width, height: +height }, deviceScaleFactor: 1 });
  const page = await context.newPage();
  page.on("console", (message) => console.log(name, message.type(), message.text().slice(0, 400)));
  page.on("pageerror", (error) => console.log(name, "ERROR", error.message.slice(0, 400)));
  await page.goto(`http://localhost:${port}/page.html?${query}`);
  await page.waitForFunction(() => customElements.get("spark-security") && document.querySelector("spark-roster,spark-chat,spark-signin,spark-security,spark-notifications")?.shadowRoot?.childElementCount);
  await page.waitForTimeout(700);
  if (script) {
    const result = await new (Object.getPrototypeOf(async () => {}).constructor)("page", script)(page);
    if (result !== undefined) console.log(name, JSON.stringify(result));
    await page.waitForTimeout(300);
  }
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await context.close();
}
await browser.close();
server.close();
