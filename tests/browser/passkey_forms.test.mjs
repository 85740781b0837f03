// Passkeys as people have them: made, renamed and removed in <spark-security>, used at <spark-signin>, as a second factor, and
// where something sensitive is asked for. The devices are Chromium's own.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { assertAccessible } from "./support/axe.mjs";
import { launch, newPerson } from "./support/browser.mjs";
import { freePort, startDemo } from "./support/demo.mjs";
import { giveDevice, offerNothing } from "./support/device.mjs";
import { Roster, byPasskey, signIn, signOut, until } from "./support/elements.mjs";
import { Security, refuseOnce } from "./support/security.mjs";

let demo;
let browser;

before(async () => {
  const port = await freePort();
  [demo, browser] = await Promise.all([startDemo({ port }), launch()]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

/**
 * Somebody at the page for security, who has a device. With `byButton` the browser offers no passkeys by itself: a device that
 * is touched takes such an offer at once, before anybody has pressed a button.
 */
async function at({ gateway = demo, device: how, byButton = false, ...options } = {}) {
  const person = await newPerson(browser, options);
  if (byButton) await offerNothing(person.context);
  const page = await person.newPage(`${gateway.url}/security.html`);
  const device = await giveDevice(page, how);
  return { person, page, device, security: new Security(page) };
}

test("a passkey that was added lets its owner in with no password, after a restart too, until it is removed", async () => {
  const [laptop, phone] = [await at({ byButton: true }), await at({ byButton: true, device: { transport: "usb" } })];
  await signIn(laptop.page, "juliet");
  const suggested = await laptop.security.addPasskey();
  assert.match(suggested, /^Chrome on /);
  const row = laptop.security.passkey(suggested);
  assert.match(await row.textContent(), /On one device.*Made .* · Not used yet/);
  await row.getByRole("button", { name: `Rename ${suggested}` }).click();
  await laptop.security.passkeys.getByLabel("New name").fill("Laptop");
  await laptop.security.button("Save").click();
  await laptop.security.passkey("Laptop").waitFor();
  // The same device has one already.
  await laptop.security.button("Add a passkey").click();
  await laptop.security.button("Add a passkey").click();
  await laptop.security.passkeys.getByText("This device has a passkey for you already").waitFor();
  await laptop.security.button("Cancel").click();

  await signIn(phone.page, "juliet");
  await phone.security.addPasskey("Key");
  await until("both", async () => (await phone.security.passkeys.getByRole("listitem").count()) === 2);

  await laptop.device.touch(false);
  for (const { page } of [laptop, phone]) await signOut(page);
  await demo.restart();
  await laptop.page.reload();
  await laptop.device.touch();
  await byPasskey(laptop.page).click();
  await laptop.security.passkey("Laptop").getByText("Used").waitFor();
  await until("one session", async () => (await demo.sessionsAtProsody("juliet")) === 1);
  await laptop.page.goto(`${demo.url}/together.html`);
  await new Roster(laptop.page).row("Romeo").waitFor();
  await laptop.page.goto(`${demo.url}/security.html`);

  await phone.device.touch(false);
  await phone.page.reload();
  await phone.page.getByLabel("Name", { exact: true }).first().fill("juliet");
  await phone.device.touch();
  await byPasskey(phone.page).click();
  await phone.security.passkey("Key").getByText("Used").waitFor();
  await phone.device.touch(false);
  await signOut(phone.page);

  await laptop.security.button("Remove Key").click();
  await laptop.security.element.getByRole("heading", { name: "Remove the passkey “Key”?" }).waitFor();
  await laptop.security.button("Remove").click();
  await until("one", async () => (await laptop.security.passkeys.getByRole("listitem").count()) === 1);
  await phone.device.touch();
  await byPasskey(phone.page).click();
  await phone.page.getByText("That passkey isn't taken here").waitFor();
  await phone.device.touch(false);
  await signIn(phone.page, "juliet");
  await phone.security.passkey("Laptop").waitFor();
  // The device has heard that it is good for nothing any more, and the other one that its own is.
  await until("it being let go", async () => (await phone.device.credentials()).length === 0);
  assert.equal((await laptop.device.credentials()).length, 1);
  assert.deepEqual([...laptop.person.faults, ...phone.person.faults], []);
  await Promise.all([laptop.person.context.close(), phone.person.context.close()]);
});

test("the device whose passkey is removed lets go of it, and nothing is said of the others", async () => {
  const { person, page, device, security } = await at({ byButton: true });
  const told = [];
  await page.exposeFunction("tell", (accepted) => told.push(accepted));
  await page.evaluate(() => {
    const signal = PublicKeyCredential.signalAllAcceptedCredentials.bind(PublicKeyCredential);
    PublicKeyCredential.signalAllAcceptedCredentials = (accepted) => {
      globalThis.tell(accepted);
      return signal(accepted);
    };
  });
  await signIn(page, "mercutio");
  await security.addPasskey("Here");
  const [{ credentialId, userHandle }] = await until("it", async () => {
    const all = await device.credentials();
    return all.length === 1 && all;
  });
  const bytes = (text) => Buffer.from(text, "base64").toString("base64url");
  const theirs = { rpId: "localhost", userId: bytes(userHandle) };
  const ids = () => told.at(-1)?.allAcceptedCredentialIds.length;
  await until("what is taken being told", () => ids() === 1);
  assert.deepEqual(told, [{ ...theirs, allAcceptedCredentialIds: [bytes(credentialId)] }], "before there was one, nothing was");
  await security.button("Remove Here").click();
  await security.button("Remove").click();
  await until("it being let go", async () => (await device.credentials()).length === 0);
  assert.deepEqual(told.at(-1), { ...theirs, allAcceptedCredentialIds: [] });
  assert.deepEqual(person.faults, []);
  await person.context.close();
});

test("a browser that has no word for that says nothing of it", async () => {
  const person = await newPerson(browser);
  await person.context.addInitScript(() => delete globalThis.PublicKeyCredential?.signalAllAcceptedCredentials);
  const page = await person.newPage(`${demo.url}/security.html`);
  await giveDevice(page);
  await signIn(page, "juliet");
  await new Security(page).passkey("Laptop").waitFor();
  assert.deepEqual(person.faults, []);
  await person.context.close();
});

test("the browser offers passkeys where the name is typed, until another way is taken", async () => {
  const { person, page, device, security } = await at();
  await signIn(page, "romeo");
  await security.addPasskey("Laptop");
  await device.touch(false);
  await signOut(page);
  const name = page.getByLabel("Name", { exact: true }).first();
  assert.equal(await name.getAttribute("autocomplete"), "username webauthn");
  // The browser offers it, and somebody chooses it: nobody presses a button.
  await device.touch();
  await page.reload();
  await security.passkey("Laptop").waitFor();

  await device.touch(false);
  await signOut(page);
  await until("the offer", () => byPasskey(page).isVisible());
  const posts = [];
  page.on("request", (request) => request.method() === "POST" && posts.push(new URL(request.url()).pathname));
  await signIn(page, "romeo");
  await security.passkey("Laptop").waitFor();
  await device.touch();
  await page.reload();
  await security.passkey("Laptop").waitFor();
  assert.deepEqual(posts.filter((path) => path.endsWith("/proofs")), [], "no passkey was shown");
  assert.deepEqual(person.faults, []);
  await person.context.close();
});

test("a key that does not find passkeys by itself is asked for by name", async () => {
  const { person, page, device, security } = await at({ device: { transport: "usb", finds: false } });
  await signIn(page, "benvolio");
  await security.addPasskey("Old key");
  await signOut(page);
  await byPasskey(page).click();
  await page.getByText("No passkey was used").waitFor();
  await page.getByLabel("Name", { exact: true }).first().fill("benvolio");
  await byPasskey(page).click();
  await security.passkey("Old key").waitFor();
  assert.equal((await device.credentials()).length, 1);
  assert.deepEqual(person.faults, []);
  await person.context.close();
});

test("a passkey shows once more who somebody is", async () => {
  const { person, page, device, security } = await at();
  await signIn(page, "nurse");
  await security.addPasskey("Laptop");
  await refuseOnce(page, "/access-tokens", { status: 403, code: "fresh_proof_needed" });
  await security.button("New token").click();
  await security.tokens.getByLabel("Name").fill("Backup");
  await security.button("Make token").click();
  await security.tokens.getByRole("heading", { name: "Is it you?" }).waitFor();
  const use = security.tokens.getByRole("button", { name: "Use a passkey" });
  await until("the focus on it", () => use.evaluate((button) => button.matches(":focus")));
  await assertAccessible(page, "spark-security");
  await device.spoil();
  await use.press("Enter");
  await security.tokens.getByText("That passkey isn't taken here").waitFor();
  await security.button("Use the password").click();
  await security.tokens.getByLabel("Password").fill("spark-demo");
  await security.button("Confirm").click();
  await security.tokens.getByRole("heading", { name: "Here is the token" }).waitFor();
  assert.deepEqual(person.faults, []);
  await person.context.close();
});

test("where everybody needs a second factor, a passkey is one, also of a key that checks nobody", async () => {
  const port = await freePort();
  const strict = await startDemo({ port, env: { SPARKWEB_AUTH__SECOND_FACTOR: "required" } });
  try {
    const { person, page, security, device } = await at({ gateway: strict, device: { transport: "usb", finds: false, verifies: false } });
    await signIn(page, "juliet");
    await page.getByRole("heading", { name: "One more step" }).first().waitFor();
    // The form's own element and the page's show the same; one of them is enough.
    const first = page.locator("spark-signin spark-security");
    await first.getByRole("button", { name: "Add a passkey" }).click();
    await first.getByLabel("Name").fill("Key");
    await first.getByRole("button", { name: "Add a passkey" }).click();
    await security.devices.waitFor();

    await device.touch(false);
    await signOut(page);
    await signIn(page, "juliet");
    await page.getByRole("heading", { name: "Show your passkey" }).waitFor();
    await assertAccessible(page, "spark-signin");
    await device.touch();
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await security.passkey("Key").waitFor();
    assert.deepEqual(person.faults, []);
    await person.context.close();
  } finally {
    await strict.stop();
  }
});

test("where it has to be a passkey, nothing else is offered to set up", async () => {
  const port = await freePort();
  const strict = await startDemo({ port, env: { SPARKWEB_AUTH__SECOND_FACTOR: "passkey" } });
  try {
    const { person, page } = await at({ gateway: strict });
    await signIn(page, "juliet");
    const first = page.locator("spark-signin spark-security");
    await first.getByText("Add a passkey to go on").waitFor();
    assert.equal(await first.getByRole("region").count(), 1);
    await first.getByRole("button", { name: "Add a passkey" }).click();
    await first.getByRole("button", { name: "Add a passkey" }).click();
    await new Security(page).devices.waitFor();
    assert.deepEqual(person.faults, []);
    await person.context.close();
  } finally {
    await strict.stop();
  }
});

for (const [theme, width] of [
  ["light", 1280],
  ["dark", 360],
]) {
  test(`passkeys are within reach of a keyboard and a screen reader, ${theme} and ${width} wide`, async () => {
    const { person, page, device, security } = await at({ byButton: true, colorScheme: theme, viewport: { width, height: 740 } });
    const keys = page.keyboard;
    const focused = (name) =>
      until(`the focus on ${name}`, () =>
        page.evaluate((wanted) => {
          let element = document.activeElement;
          while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
          return (element?.ariaLabel ?? element?.labels?.[0]?.textContent ?? element?.textContent)?.includes(wanted);
        }, name),
      );
    await until("the offer", () => byPasskey(page).isVisible());
    await assertAccessible(page, "spark-signin");
    await page.getByLabel("Name", { exact: true }).first().focus();
    await keys.type("tybalt");
    await keys.press("Tab");
    await keys.type("spark-demo");
    for (const stop of ["Show password", "Keep me signed in", "Sign in", "Sign in with a passkey"]) {
      await keys.press("Tab");
      await focused(stop);
    }
    await keys.press("Shift+Tab");
    await keys.press("Enter");

    await security.button("Add a passkey").focus();
    await keys.press("Enter");
    await focused("Name");
    await keys.type(`Laptop ${width}`);
    await keys.press("Enter");
    await security.passkey(`Laptop ${width}`).waitFor();
    await focused("Add a passkey");
    await assertAccessible(page, "spark-security");
    await security.button(`Rename Laptop ${width}`).focus();
    await keys.press("Enter");
    await focused("New name");
    await keys.type(`Computer ${width}`);
    await keys.press("Enter");
    await focused(`Rename Computer ${width}`);
    await keys.press("Tab");
    await keys.press("Enter");
    await focused("Keep it");
    await assertAccessible(page, "spark-security");
    await keys.press("Enter");
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(widths[0] <= widths[1], `${widths}`);

    await device.touch(false);
    await signOut(page);
    await byPasskey(page).focus();
    await device.touch();
    await keys.press("Enter");
    await security.passkey(`Computer ${width}`).waitFor();
    assert.deepEqual(person.faults, []);
    await person.context.close();
  });
}
