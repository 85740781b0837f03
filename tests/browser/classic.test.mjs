// Pages written for the Openfire plugin: from another origin, and from a file, as they are.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, before, test } from "node:test";

import { launch, newPerson } from "./support/browser.mjs";
import { startDemo } from "./support/demo.mjs";
import { Chat, Roster, signIn, until } from "./support/elements.mjs";

/** The form of such a page: fields for the gateway, name and password, and the plugin's two addresses in its script. */
const PAGE = `<!doctype html><meta charset="utf-8"><title>Classic</title>
<input id="url"><input id="username"><input id="password"><button id="login">In</button><p id="status">Inactive</p>
<script>
let token;
document.getElementById("login").onclick = async () => {
  const at = document.getElementById("url").value;
  const response = await fetch(at + "/sparkweb/api/rest/login/" + document.getElementById("username").value, {
    method: "POST", body: document.getElementById("password").value });
  token = (await response.json()).token;
  if (!token) return;
  const source = new EventSource(at + "/sparkweb/sse?token=" + token);
  const say = (text) => { document.getElementById("status").textContent = text; };
  source.addEventListener("onConnect", ({ data }) => { const m = JSON.parse(data); say("User " + m.username + " (" + m.name + ") Signed In"); });
  source.addEventListener("chatapi.chat", ({ data }) => { const m = JSON.parse(data); if (m.body) say(m.type + " " + m.from + " - " + m.body); });
};
addEventListener("beforeunload", () => {
  if (token) fetch(document.getElementById("url").value + "/sparkweb/api/rest/logout", { method: "POST", headers: { Authorization: token } });
});
</script>`;

let demo;
let browser;
let folder;
const pages = [["a page of ours", PAGE]];

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
  folder = await mkdtemp(join(tmpdir(), "sparkweb-classic-"));
  // The plugin's own example, where it lies beside the project.
  const seed = new URL("../../../shared/seed.txt", import.meta.url);
  if (existsSync(seed)) {
    const text = await readFile(seed, "utf8");
    pages.push(["the plugin's example", text.slice(text.indexOf("<html"))]);
  }
});

after(async () => {
  await browser?.close();
  await demo?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Everything that such a page does, wherever it comes from. */
async function use(address) {
  const [visitor, romeo] = [await newPerson(browser), await newPerson(browser)];
  const page = await visitor.newPage(address);
  const login = page.waitForResponse((response) => response.url().includes("/login/"));
  await page.locator("#url").fill(demo.url);
  await page.locator("#username").fill("juliet");
  await page.locator("#password").fill("spark-demo");
  await page.locator("#login").click();
  const { token } = await (await login).json();
  await page.getByText(/^User juliet \(.+\) Signed In$/).waitFor();

  const chatPage = await romeo.newPage(`${demo.url}/together.html`);
  await signIn(chatPage, "romeo");
  await new Roster(chatPage).open("Juliet");
  const word = `a word with "quotes" \\ and <b>marks</b> ${Math.random()}`;
  await new Chat(chatPage).send(word);
  await until("the message on the page", async () => {
    const text = await page.locator("#status").textContent();
    return text.startsWith("chat romeo@") && text.includes("a word with");
  });

  // What it does when it is left signs it out, and leaves the person's session to others. The page stays for the test:
  // a browser may end one before its last request is on its way.
  await page.evaluate(() => dispatchEvent(new Event("beforeunload")));
  await until("the token being dead", async () => {
    const answer = await fetch(`${demo.url}/sparkweb/api/rest/roster`, { headers: { authorization: token } });
    return answer.status === 401;
  });
  assert.equal(await demo.sessionsAtProsody("juliet"), 1, "the session outlives the page");
  assert.deepEqual(romeo.faults, []);
  await Promise.all([visitor.context.close(), romeo.context.close()]);
}

test("from another origin", async (t) => {
  let html = "";
  const server = createServer((_, response) => response.setHeader("content-type", "text/html").end(html));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    for (const [what, page] of pages) {
      await t.test(what, async () => {
        html = page;
        await use(`http://127.0.0.1:${server.address().port}/`);
      });
    }
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

test("from a file", async (t) => {
  for (const [what, page] of pages) {
    await t.test(what, async () => {
      const file = join(folder, "page.html");
      await writeFile(file, page);
      await use(pathToFileURL(file).href);
    });
  }
});
