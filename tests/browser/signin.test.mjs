// What somebody is told who can't get in: in words, beside what they are about, and never for ever.

import assert from "node:assert/strict";
import net from "node:net";
import { after, before, test } from "node:test";

import { launch, newPerson } from "./support/browser.mjs";
import { startDemo } from "./support/demo.mjs";
import { Chat, Roster, signIn, until } from "./support/elements.mjs";

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** A server that takes connections and does nothing with them. */
async function startMute() {
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${server.address().port}`,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function at(gateway) {
  const person = await newPerson(browser);
  return { person, page: await person.newPage(`${gateway.url}/together.html`) };
}

const alertOf = (page, words) => page.getByText(words).first().waitFor();

test("a wrong password and an unknown name are told alike, and nothing typed is lost", async () => {
  const { person, page } = await at(demo);
  for (const name of ["juliet", "nobody"]) {
    await signIn(page, name, "guess");
    await alertOf(page, `isn't right for ${name}`);
    assert.equal(await page.getByLabel("Name", { exact: true }).first().inputValue(), name);
  }
  await signIn(page, "juliet");
  await new Roster(page).row("Romeo").waitFor();
  assert.deepEqual(person.faults, []);
  await person.context.close();
});

test("a name that is none is refused before anybody is asked", async () => {
  const { person, page } = await at(demo);
  let asked = 0;
  page.on("request", (request) => (asked += request.postData()?.includes("username") ? 1 : 0));
  await signIn(page, "ju liet@@", "x");
  await until("the complaint", () => page.locator("[aria-invalid=true]").first().isVisible());
  assert.equal(asked, 0);
  await person.context.close();
});

test("an XMPP server that is away or mute is told in words, with the next try", async () => {
  const mute = await startMute();
  const closed = await startMute();
  await closed.stop();
  try {
    for (const address of [closed.address, mute.address]) {
      const gateway = await startDemo({
        arguments: ["--xmpp", address, "--domain", "spark.localhost"],
        env: { SPARKWEB_XMPP__STEP_TIMEOUT_SECS: "1" },
      });
      try {
        const { person, page } = await at(gateway);
        await signIn(page, "juliet");
        await alertOf(page, /can't be reached/);
        assert.deepEqual(person.faults, []);
        await person.context.close();
      } finally {
        await gateway.stop();
      }
    }
  } finally {
    await mute.stop();
  }
});

test("a sign-in that ended elsewhere ends here with the reason, and others go on", async () => {
  const [{ person, page }, romeo] = [await at(demo), await at(demo)];
  await signIn(page, "juliet");
  await new Roster(page).open("Romeo");
  await signIn(romeo.page, "romeo");
  await new Roster(romeo.page).open("Juliet");
  const token = await page.evaluate(() => {
    const kept = Object.entries(localStorage).find(([, value]) => value.includes("access_token"));
    return JSON.parse(kept[1]).sign_in.access_token;
  });
  const ended = await fetch(`${demo.url}/sparkweb/api/v1/sign-ins/current?everywhere=true`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${token}` },
  });
  assert.equal(ended.status, 204);
  await page.getByRole("button", { name: "Sign in", exact: true }).first().waitFor();
  await new Chat(romeo.page).send("Still here");
  await new Chat(romeo.page).shows("Still here");
  assert.deepEqual([...person.faults, ...romeo.person.faults], []);
  await Promise.all([person.context.close(), romeo.person.context.close()]);
});

test("a text that is too long is said to be so while it is written, and is not lost", async () => {
  const { person, page } = await at(demo);
  await signIn(page, "juliet");
  await new Roster(page).open("Romeo");
  const chat = new Chat(page);
  const long = "x".repeat(65_537);
  await chat.send(long);
  await until("the complaint", async () => (await chat.composer.getAttribute("aria-invalid")) === "true");
  assert.equal((await chat.composer.inputValue()).length, long.length);
  await person.context.close();
});

/** Who has the focus, from the page down into shadow roots: tags and roles. */
const focus = (page) =>
  page.evaluate(() => {
    const path = [];
    for (let node = document.activeElement; node; node = node.shadowRoot?.activeElement) path.push(node.role ?? node.localName);
    return path.join(" ");
  });
const focusIs = (page, expected) => until(`the focus at ${expected}`, async () => (await focus(page)) === expected);

test("whoever signs in goes on with the keyboard where the page has what is theirs", async () => {
  for (const [path, expected] of [
    ["together.html", "spark-roster tree"],
    ["roster.html", "spark-roster tree"],
    ["chat.html?jid=romeo@spark.localhost", "spark-chat textarea"],
  ]) {
    const person = await newPerson(browser);
    const page = await person.newPage(`${demo.url}/${path}`);
    await signIn(page, "juliet");
    await focusIs(page, expected);
    assert.equal(await page.evaluate(() => scrollY), 0, path);
    // It is where they are: the first arrow goes somewhere.
    if (expected.endsWith("tree")) {
      await page.keyboard.press("ArrowDown");
      await until("a row", () => page.locator("spark-roster").getByRole("tree").getAttribute("aria-activedescendant"));
    }
    assert.deepEqual(person.faults, []);
    await person.context.close();
  }
});

test("whoever is elsewhere on the page stays there when the form goes", async () => {
  const person = await newPerson(browser);
  const page = await person.newPage(`${demo.url}/together.html`);
  let letGo;
  const held = new Promise((resolve) => (letGo = resolve));
  await page.route("**/api/v1/snapshot", (route) => held.then(() => route.continue()));
  await signIn(page, "juliet");
  // The form is gone, and what takes its place is not there yet.
  await page.getByLabel("Password", { exact: true }).first().waitFor({ state: "detached" });
  await page.getByRole("link", { name: "Chat", exact: true }).focus();
  letGo();
  await new Roster(page).row("Romeo").waitFor();
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  assert.equal(await focus(page), "a");
  assert.deepEqual(person.faults, []);
  await person.context.close();
});
