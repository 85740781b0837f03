// A second factor, from setting it up to signing in by it; the devices that are signed in; tokens for scripts.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { assertAccessible } from "./support/axe.mjs";
import { launch, newPerson } from "./support/browser.mjs";
import { startDemo } from "./support/demo.mjs";
import { Roster, signIn, signOut, until } from "./support/elements.mjs";
import { Security, refuseOnce } from "./support/security.mjs";
import { readQr } from "./support/totp.mjs";

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

async function at(name, options, password) {
  const person = await newPerson(browser, options);
  const page = await person.newPage(`${demo.url}/security.html`);
  await signIn(page, name, password);
  return { person, page, security: new Security(page) };
}

const code = (page) => page.getByLabel("Code", { exact: true });
const goOn = (page) => page.getByRole("button", { name: "Continue", exact: true }).click();

test("an app is set up by the code that is drawn, and asked for from then on", async () => {
  const { person, page, security } = await at("juliet");
  await security.button("Set up").click();
  const qr = security.element.getByRole("img", { name: /^QR code/ });
  await qr.waitFor();
  const uri = new URL(await readQr(qr));
  assert.equal(uri.protocol, "otpauth:");
  const key = await security.app.locator("code").textContent();
  assert.equal(key.replaceAll(" ", ""), uri.searchParams.get("secret"), "the key to type is the same");
  assert.match(key, /^(\w{4} )+\w{1,4}$/);
  await security.button("Cancel").click();

  const { app, codes } = await security.setUpApp();
  assert.equal(codes.length, 10);
  await security.button("I have kept them").click();
  await security.app.getByText("10 recovery codes left").waitFor();

  await signOut(page);
  await signIn(page, "juliet");
  await page.getByRole("heading", { name: "Enter your code" }).waitFor();
  await until("the focus in the field", () => code(page).evaluate((input) => input.matches(":focus")));
  assert.equal(await code(page).getAttribute("autocomplete"), "one-time-code");
  assert.equal(await page.getByLabel("Password", { exact: true }).isVisible(), false, "one field at a time");

  await code(page).fill("12345");
  await goOn(page);
  await page.getByText("Enter the six digits").waitFor();
  await code(page).fill(app.wrong());
  await goOn(page);
  await page.getByText("That code isn't right").waitFor();
  assert.equal(await code(page).inputValue(), app.wrong(), "what was typed stays");
  assert.equal(await code(page).getAttribute("aria-invalid"), "true");

  await page.getByRole("button", { name: "Back" }).click();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "juliet");
  assert.equal(await page.getByLabel("Password", { exact: true }).inputValue(), "spark-demo");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await code(page).fill(app.code());
  await code(page).press("Enter");
  await security.app.getByText("10 recovery codes left").waitFor();

  // By one that was kept, once.
  await signOut(page);
  await signIn(page, "juliet");
  await page.getByRole("button", { name: "Use a recovery code" }).click();
  await page.getByLabel("Recovery code").fill(codes[0].toLowerCase());
  await goOn(page);
  await security.app.getByText("9 recovery codes left").waitFor();
  await signOut(page);
  await signIn(page, "juliet");
  await page.getByRole("button", { name: "Use a recovery code" }).click();
  await page.getByLabel("Recovery code").fill(codes[0]);
  await goOn(page);
  await page.getByText("or it was used before").waitFor();
  await page.getByRole("button", { name: "Use the authenticator app" }).click();
  await code(page).waitFor();
  assert.deepEqual(person.faults, []);
  await person.context.close();
});

test("a sign-in that has run out, and one that has to wait, say so and lose nothing", async () => {
  const { person, page, security } = await at("romeo");
  const { app, codes } = await security.setUpApp();
  await security.button("I have kept them").click();
  await signOut(page);
  await signIn(page, "romeo");
  await code(page).waitFor();
  await refuseOnce(page, "/sign-ins/*/proofs", { status: 429, code: "too_many_requests", retry_after_secs: 2 });
  await code(page).fill(app.code());
  await goOn(page);
  await page.getByText(/Too many tries. You can try again in \d s/).waitFor();
  await page.getByText(/Too many tries/).waitFor({ state: "detached" });
  await refuseOnce(page, "/sign-ins/*/proofs", { status: 404, code: "not_found" });
  await goOn(page);
  await page.getByText("You were away for a while").waitFor();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "romeo");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("button", { name: "Use a recovery code" }).click();
  await page.getByLabel("Recovery code").fill(codes[3]);
  await goOn(page);
  await security.app.getByText("9 recovery codes left").waitFor();

  // Removing it takes a look at who does it, and then the password is enough.
  await refuseOnce(page, "/factors/totp", { status: 403, code: "fresh_proof_needed" });
  await security.button("Remove").click();
  await security.element.getByRole("heading", { name: "Remove the authenticator app?" }).waitFor();
  await security.button("Remove").click();
  await security.button("Use a recovery code").click();
  await security.app.getByLabel("Recovery code").fill(codes[4]);
  await security.button("Confirm").click();
  await security.button("Set up").waitFor();
  await signOut(page);
  await signIn(page, "romeo");
  await security.button("Set up").waitFor();
  assert.deepEqual(person.faults, []);
  await person.context.close();
});

test("a script's token is made after a proof in place, shown once, and ended", async () => {
  const { person, page, security } = await at("nurse");
  await security.button("New token").click();
  await security.tokens.getByLabel("Name").fill("Backup at night");
  await security.tokens.getByLabel("Send messages and files").check();
  await refuseOnce(page, "/access-tokens", { status: 403, code: "fresh_proof_needed" });
  await security.button("Make token").click();
  await security.tokens.getByLabel("Password").fill("guess");
  await security.button("Confirm").click();
  await security.tokens.getByText("That password isn't right").waitFor();
  await security.tokens.getByLabel("Password").fill("spark-demo");
  await security.button("Confirm").click();
  const token = await security.tokens.locator("code").textContent();
  const ask = () =>
    fetch(`${demo.url}/sparkweb/api/v1/roster`, { headers: { authorization: `Bearer ${token}` } }).then(({ status }) => status);
  assert.equal(await ask(), 200);
  await security.button("Done").click();
  await security.tokens.getByText("Backup at night").waitFor();
  assert.equal(await security.element.getByText(token).count(), 0, "it is told once");
  await security.button("End Backup at night").click();
  await security.tokens.getByText("No script has a token").waitFor();
  assert.equal(await ask(), 401);
  assert.deepEqual(person.faults, []);
  await person.context.close();
});

test("a device that is ended in the list is signed out", async () => {
  const [here, there] = [await at("benvolio"), await at("benvolio")];
  await there.security.devices.getByText("This device").waitFor();
  await here.page.reload();
  const { devices } = here.security;
  await until("both", async () => (await devices.getByRole("listitem").count()) === 2);
  await devices.getByRole("button", { name: /^Sign out Chrome/ }).click();
  await until("one", async () => (await devices.getByRole("listitem").count()) === 1);
  await there.page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  await there.security.element.getByText("You are signed out").waitFor();

  await signIn(there.page, "benvolio");
  await there.security.button("Sign out everywhere else").click();
  await there.security.devices.getByRole("button", { name: "Sign out everywhere else" }).click();
  await here.page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  await until("one", async () => (await there.security.devices.getByRole("listitem").count()) === 1);
  assert.deepEqual([...here.person.faults, ...there.person.faults], []);
  await Promise.all([here.person.context.close(), there.person.context.close()]);
});

test("a page's own sign-in by the SDK is gone on with in the element, or by the page", async () => {
  const { person, page, security } = await at("nurse");
  const { app } = await security.setUpApp();
  await security.button("I have kept them").click();
  const begin = () =>
    page.evaluate(async () => {
      const { connect } = await import("/sparkweb/elements/sparkweb-widgets.js");
      const client = await connect();
      globalThis.step = await client.signIn("nurse", "spark-demo");
      const { state, accepts, expiresAtMs } = globalThis.step;
      const ready = await client.ready().catch((error) => error.code);
      return { state, accepts, waits: expiresAtMs > Date.now(), status: client.status.state, ready };
    });
  const asked = {
    state: "pending",
    accepts: ["totp", "recovery_code"],
    waits: true,
    status: "pending",
    ready: "second_factor_needed",
  };
  await signOut(page);
  assert.deepEqual(await begin(), asked);
  await code(page).fill(app.code());
  await goOn(page);
  await security.app.getByText("recovery codes left").waitFor();

  await signOut(page);
  assert.deepEqual(await begin(), asked);
  await code(page).waitFor();
  const done = await page.evaluate(async (typed) => {
    const wrong = await globalThis.step.prove({ kind: "totp", code: "0" }).catch((error) => error.code);
    const { state } = await globalThis.step.prove({ kind: "totp", code: typed });
    return { wrong, state };
  }, app.code());
  assert.deepEqual(done, { wrong: "wrong_code", state: "signed_in" });
  await security.app.getByText("recovery codes left").waitFor();
  assert.deepEqual(person.faults, []);
  await person.context.close();
});

test("where everybody needs a second factor, the form leads there and then in", async () => {
  const strict = await startDemo({ env: { SPARKWEB_AUTH__SECOND_FACTOR: "required" } });
  try {
    const person = await newPerson(browser);
    const page = await person.newPage(`${strict.url}/together.html`);
    await signIn(page, "juliet");
    await page.getByRole("heading", { name: "One more step" }).waitFor();
    const security = new Security(page);
    await security.setUpApp();
    assert.equal(await security.devices.count(), 0);
    await security.button("I have kept them").click();
    await new Roster(page).row("Romeo").waitFor();
    assert.deepEqual(person.faults, []);
    await person.context.close();
  } finally {
    await strict.stop();
  }
});

for (const [theme, width] of [
  ["light", 1280],
  ["dark", 1280],
  ["light", 320],
  ["dark", 320],
]) {
  test(`everything is within reach of a keyboard and a screen reader, ${theme} and ${width} wide`, async () => {
    const { person, page, security } = await at("tybalt", { colorScheme: theme, viewport: { width, height: 760 } });
    await security.button("Set up").waitFor();
    await assertAccessible(page, "spark-security");
    await security.button("Set up").focus();
    await page.keyboard.press("Enter");
    await until("the focus in the field", () =>
      security.app.getByLabel("Then enter the code").evaluate((input) => input.matches(":focus")),
    );
    await assertAccessible(page, "spark-security");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await until("the focus back", () => security.button("Set up").evaluate((button) => button.matches(":focus")));
    await security.button("New token").focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    await security.tokens.getByText("Give it a name.").waitFor();
    await assertAccessible(page, "spark-security");
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(widths[0] <= widths[1], `${widths}`);
    assert.deepEqual(person.faults, []);
    await person.context.close();
  });
}
