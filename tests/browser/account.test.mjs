// Somebody who has no account makes one at the sign-in form, where the gateway makes any.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { assertAccessible } from "./support/axe.mjs";
import { launch, newPerson } from "./support/browser.mjs";
import { startDemo } from "./support/demo.mjs";
import { signIn, signOut, until } from "./support/elements.mjs";
import { noteSecret } from "./support/secrets.mjs";

const SECRET = "I bite my thumb";

let demo;
let browser;

before(async () => {
  noteSecret("password", SECRET);
  [demo, browser] = await Promise.all([startDemo(), launch()]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** Somebody at a page with a sign-in form. */
async function at(prepare = () => {}, gateway = demo) {
  const person = await newPerson(browser);
  await prepare(person.context);
  const page = await person.newPage(`${gateway.url}/security.html`);
  const form = page.locator("spark-signin form.signin:not([hidden])");
  return {
    person,
    page,
    form,
    button: (name) => form.getByRole("button", { name, exact: true }),
    field: (label) => form.getByLabel(label, { exact: true }),
    /** The field, or else, that has the focus in the element. */
    focused: () => page.locator("spark-signin").evaluate((host) => host.shadowRoot.activeElement?.name),
  };
}

async function make({ field, button }, name, secret = SECRET) {
  await field("Name").fill(name);
  await field("Password").fill(secret);
  await button("Make an account").click();
}

test("somebody who makes an account is in, and comes back with its password", async () => {
  const it = await at();
  await it.field("Name").fill("sampson");
  await it.button("Make an account").click();
  await it.form.getByRole("heading", { name: "Make an account" }).waitFor();
  // What was typed goes along, and the hands stay where they are.
  assert.equal(await it.field("Name").inputValue(), "sampson");
  assert.equal(await it.focused(), "username");
  await it.form.getByText("Your address will end in @spark.localhost.").waitFor();
  await assertAccessible(it.page, "spark-signin");
  await it.page.keyboard.press("Tab");
  assert.equal(await it.focused(), "password");
  await it.page.keyboard.type(SECRET);
  await it.page.keyboard.press("Enter");
  await it.page.getByText("sampson@spark.localhost").first().waitFor();
  await signOut(it.page);
  await signIn(it.page, "sampson", SECRET);
  await it.page.getByText("sampson@spark.localhost").first().waitFor();
  assert.deepEqual(it.person.faults, []);
  await it.person.context.close();
});

test("a name that somebody has is said beside it, and the way back is the form as it was", async () => {
  const it = await at();
  await it.button("Make an account").click();
  // Each is checked here, and the first that is wrong has the focus.
  await it.button("Make an account").click();
  await it.form.getByText("Enter your name").waitFor();
  assert.equal(await it.focused(), "username");
  await make(it, "juliet");
  await it.form.getByText("This name is taken. Choose another").waitFor();
  assert.equal(await it.field("Name").getAttribute("aria-invalid"), "true");
  assert.equal(await it.field("Password").inputValue(), SECRET, "nothing that was typed is lost");
  await it.button("I have an account").click();
  await it.form.getByRole("heading", { name: "Sign in" }).waitFor();
  await signIn(it.page, "juliet");
  await it.page.getByText("juliet@spark.localhost").first().waitFor();
  await it.person.context.close();
});

test("where signing in fails behind it, the account is not asked for again", async () => {
  let asked = 0;
  let isAway = true;
  const it = await at(async (context) => {
    await context.route("**/api/v1/accounts", (route) => {
      asked += 1;
      return route.continue();
    });
    await context.route("**/api/v1/sign-ins", (route) => (isAway ? route.abort() : route.continue()));
  });
  await it.button("Make an account").click();
  await make(it, "abraham");
  await it.form.getByText("The chat service can't be reached; trying again in").waitFor();
  isAway = false;
  await it.button("Try now").click();
  await it.page.getByText("abraham@spark.localhost").first().waitFor();
  assert.equal(asked, 1);
  await it.person.context.close();
});

test("a server that wants an address for mail is given one", async () => {
  const bodies = [];
  const it = await at((context) =>
    context.route("**/api/v1/accounts", (route) => {
      const body = route.request().postDataJSON();
      bodies.push(Object.keys(body));
      if (body.email) return route.continue();
      const problem = { type: "about:blank", title: "More is wanted", status: 422, code: "registration_incomplete", detail: "The XMPP server wants more." };
      return route.fulfill({ status: 422, contentType: "application/problem+json", body: JSON.stringify(problem) });
    }),
  );
  await it.button("Make an account").click();
  assert.equal(await it.field("Email address").isVisible(), false);
  await make(it, "gregory");
  await it.form.getByText("Enter an email address.").waitFor();
  assert.equal(await it.focused(), "email");
  await it.field("Email address").fill("gregory@example.com");
  await it.button("Make an account").click();
  await it.page.getByText("gregory@spark.localhost").first().waitFor();
  assert.deepEqual(bodies, [["username", "password"], ["username", "password", "email"]]);
  await it.person.context.close();
});

test("where the gateway makes no accounts, nobody is offered one", async () => {
  const told = { domain: "spark.localhost", makes_accounts: false, has_passkeys: false };
  let asked = false;
  const it = await at((context) =>
    context.route("**/api/v1/gateway", (route) => {
      asked = true;
      return route.fulfill({ json: told });
    }),
  );
  await until("it was asked", () => asked);
  await signIn(it.page, "romeo");
  await it.page.getByText("romeo@spark.localhost").first().waitFor();
  await signOut(it.page);
  await it.field("Name").waitFor();
  assert.equal(await it.button("Make an account").isVisible(), false);
  await it.person.context.close();
});

test("where more than a password is asked for, the way back from it is the form to sign in", async () => {
  const strict = await startDemo({ env: { SPARKWEB_AUTH__SECOND_FACTOR: "required" } });
  try {
    const it = await at(undefined, strict);
    await it.button("Make an account").click();
    await make(it, "potpan");
    await it.page.locator("spark-signin spark-security").waitFor();
    await it.page.locator("spark-signin").getByRole("button", { name: "Sign out" }).click();
    await it.form.getByRole("heading", { name: "Sign in" }).waitFor();
    await it.person.context.close();
  } finally {
    await strict.stop();
  }
});
