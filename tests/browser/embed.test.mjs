// A page of another site, which has a token for one conversation and knows no password.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import { launch, newPerson } from "./support/browser.mjs";
import { startDemo } from "./support/demo.mjs";
import { Chat, Roster, signIn } from "./support/elements.mjs";

const JWT = "urn:ietf:params:oauth:token-type:access_token";

let browser, demo, server, site, wide;

async function post(path, body, type = "application/json") {
  const response = await fetch(`${demo.url}/sparkweb/api/v1${path}`, { method: "POST", headers: { "content-type": type }, body });
  const answer = await response.json();
  assert.ok(response.ok, JSON.stringify(answer));
  return answer;
}

/** What the site's backend gives its page. */
function trade(seconds) {
  const form = new URLSearchParams({
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    subject_token: wide.access_token,
    subject_token_type: JWT,
    scope: "read send",
    resource: "/sparkweb/api/v1/conversations/romeo@spark.localhost",
    origin: site,
    expires_in: String(seconds),
  });
  return post("/token", String(form), "application/x-www-form-urlencoded");
}

function html() {
  const elements = `${demo.url}/sparkweb/elements`;
  return `<!doctype html><title>A shop</title><style>spark-chat { height: 30rem }</style>
    <spark-chat gateway="${demo.url}" jid="romeo@spark.localhost" pinned></spark-chat>
    <script type="module">
      import { connect, register } from "${elements}/sparkweb-widgets.js";
      import { useToken } from "${elements}/spark-token.js";
      await register();
      window.client = await connect("${demo.url}");
      window.signedOut = 0;
      addEventListener("spark-signed-out", () => window.signedOut++);
      window.take = async () => useToken(client, await (await fetch("/token")).json());
      await take();
      window.isIn = true;
    </script>`;
}

before(async () => {
  server = createServer(async (request, response) => {
    if (request.url === "/token") response.setHeader("content-type", "application/json").end(JSON.stringify(await trade(600)));
    else response.setHeader("content-type", "text/html").end(request.url === "/" ? html() : "");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  site = `http://127.0.0.1:${server.address().port}`;
  demo = await startDemo({ env: { SPARKWEB_CORS__ORIGINS: JSON.stringify([site]) } });
  browser = await launch();
  wide = await post("/sign-ins", JSON.stringify({ username: "juliet", password: "spark-demo" }));
});

after(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
  await demo?.stop();
});

test("a page has one conversation by a token for it, and no other", async () => {
  const [visitor, romeo] = [await newPerson(browser), await newPerson(browser)];
  const romeoPage = await romeo.newPage(`${demo.url}/together.html`);
  await signIn(romeoPage, "romeo");
  await new Roster(romeoPage).open("Juliet");

  const page = await visitor.newPage(`${site}/`);
  await page.waitForFunction(() => window.isIn);
  const chat = new Chat(page);
  await chat.isWith("Romeo");
  await chat.send("from the shop");
  await new Chat(romeoPage).shows("from the shop");
  await new Chat(romeoPage).send("to the shop");
  await chat.shows("to the shop");
  const seen = await page.evaluate(() => [client.roster(), client.conversations()].map((list) => list.map(({ jid }) => jid)));
  assert.deepEqual(seen, [["romeo@spark.localhost"], ["romeo@spark.localhost"]]);
  const refused = await page.evaluate(() =>
    client.conversation("nurse@spark.localhost").search("hi").then(() => "found", ({ code }) => code),
  );
  assert.equal(refused, "forbidden");

  // The next token goes on where the one before was.
  const lines = await chat.messages();
  await page.evaluate(() => take());
  assert.deepEqual(await chat.messages(), lines);
  assert.equal(await page.evaluate(() => signedOut), 0);

  // It is over when the person's sign-in is.
  const headers = { authorization: `Bearer ${wide.access_token}` };
  await fetch(`${demo.url}/sparkweb/api/v1/sign-ins/current`, { method: "DELETE", headers });
  await page.waitForFunction(() => window.signedOut === 1);
  assert.deepEqual([visitor.faults, romeo.faults], [[], []]);
  await Promise.all([visitor.context.close(), romeo.context.close()]);
});
