// What somebody does at <spark-security>, by role and name.

import { Authenticator, readQr } from "./totp.mjs";

export class Security {
  constructor(page) {
    this.page = page;
    this.element = page.locator("spark-security");
    this.passkeys = this.section("Passkeys");
    this.app = this.section("Authenticator app");
    this.devices = this.section("Where you are signed in");
    this.tokens = this.section("Tokens for scripts");
  }

  section(name) {
    return this.element.getByRole("region", { name });
  }

  button(name) {
    return this.element.getByRole("button", { name, exact: true });
  }

  /** The passkey that is called so. */
  passkey(name) {
    return this.passkeys.getByRole("listitem").filter({ hasText: name });
  }

  /** Adds a passkey under a name, or under that which is suggested. */
  async addPasskey(name) {
    await this.button("Add a passkey").click();
    if (name) await this.passkeys.getByLabel("Name").fill(name);
    else name = await this.passkeys.getByLabel("Name").inputValue();
    await this.button("Add a passkey").click();
    await this.passkey(name).waitFor();
    return name;
  }

  /** Sets up an app as a person with a phone does. Gives the app and the recovery codes. */
  async setUpApp() {
    await this.button("Set up").click();
    const qr = this.element.getByRole("img", { name: /^QR code/ });
    await qr.waitFor();
    const app = new Authenticator(new URL(await readQr(qr)).searchParams.get("secret"));
    await this.app.getByLabel("Then enter the code").fill(app.code());
    await this.button("Turn on").click();
    const codes = await this.recoveryCodes();
    return { app, codes };
  }

  async recoveryCodes() {
    await this.element.getByRole("heading", { name: "Keep these recovery codes" }).waitFor();
    return this.app.getByRole("listitem").allTextContents();
  }
}

/** Answers the next request to a path with a problem, and lets all others through. */
export async function refuseOnce(page, path, { status, code, ...more }) {
  const url = `**/sparkweb/api/v1${path}`;
  await page.route(
    url,
    (route) =>
      route.fulfill({
        status,
        contentType: "application/problem+json",
        body: JSON.stringify({ type: "/", title: code, status, detail: code, code, ...more }),
      }),
    { times: 1 },
  );
}
