// Which gateway an element means, of all that may name one. The gateways are played: what counts is who is asked.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { launch, newPerson } from "./support/browser.mjs";
import { signIn } from "./support/elements.mjs";

const FILES = new URL("../../dist/public/", import.meta.url);
const TYPES = { js: "text/javascript", wasm: "application/wasm" };
const META = `<meta name="sparkweb-gateway" content="https://meta.test">`;

const importing = (options) => `<script type="module">
  import { register, connect } from "https://module.test/sparkweb/elements/sparkweb-widgets.js";
  await register(${options});
  window.connected = (await connect()).gateway;
</script>`;
const SCRIPT = `<script type="module" src="https://module.test/sparkweb/elements/sparkweb-elements.js"></script>`;

const CASES = {
  "the attribute, before all": [META + importing(`{ gateway: "https://registered.test" }`), ` gateway="https://attribute.test"`, "https://attribute.test"],
  "what register was told, before the page's meta": [META + importing(`{ gateway: "https://registered.test" }`), "", "https://registered.test"],
  "the page's meta, before the module's origin": [META + importing(""), "", "https://meta.test"],
  "the module's origin": [importing(""), "", "https://module.test"],
  "the page's meta, for a script tag": [META + SCRIPT, "", "https://meta.test"],
  "where the script came from": [SCRIPT, "", "https://module.test"],
};

let browser;

before(async () => {
  browser = await launch();
});

after(async () => {
  await browser?.close();
});

for (const [what, [head, attribute, expected]] of Object.entries(CASES)) {
  test(what, async () => {
    const person = await newPerson(browser);
    await person.context.route("**/*", async (route) => {
      const url = new URL(route.request().url());
      if (url.href === "https://page.test/") {
        const html = `<!doctype html><title>A page</title>${head}<spark-signin${attribute}></spark-signin>`;
        return route.fulfill({ contentType: "text/html", body: html });
      }
      const headers = { "access-control-allow-origin": "*" };
      if (url.origin === "https://module.test" && /^\/sparkweb\/elements\//.test(url.pathname)) {
        const body = await readFile(new URL(`.${url.pathname}`, FILES));
        return route.fulfill({ contentType: TYPES[url.pathname.split(".").pop()], headers, body });
      }
      return route.fulfill({ status: 503, headers, body: "" });
    });
    const page = await person.newPage("https://page.test/");
    const asks = page.waitForRequest((request) => request.url().endsWith("/sparkweb/api/v1/sign-ins"));
    await signIn(page, "juliet");
    assert.equal(new URL((await asks).url()).origin, expected);
    // The client of the page's own script is that of the elements which name no gateway.
    if (head.includes("connected") && attribute === "") {
      const connected = await page.waitForFunction(() => window.connected);
      assert.equal(await connected.jsonValue(), expected);
    }
    assert.deepEqual(person.faults, []);
    await person.context.close();
  });
}
