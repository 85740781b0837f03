// The elements as a person finds them: by role and name, so that a test fails where a screen reader would.

/** What a person does with the sign-in form of whichever element shows one. */
export async function signIn(page, name, password = "spark-demo") {
  await page.getByLabel("Name", { exact: true }).first().fill(name);
  await page.getByLabel("Password", { exact: true }).first().fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).first().click();
}

/** The button to sign in by a passkey, once it is known that there are any. */
export const byPasskey = (page) => page.getByRole("button", { name: "Sign in with a passkey" }).first();

/** Signs out at the page's <spark-signin>. */
export const signOut = (page) => page.locator("spark-signin").getByRole("button", { name: "Sign out", exact: true }).click();

/** The contact list. */
export class Roster {
  constructor(page) {
    this.page = page;
    this.element = page.locator("spark-roster");
  }

  /** The row of somebody, by name or address, wherever in the list it stands first. */
  row(who) {
    if (who.includes("@")) return this.element.locator(`[data-jid="${who}"]`).first();
    const called = this.page.locator(".name", { hasText: who });
    return this.element.locator("[data-jid]").filter({ has: called }).first();
  }

  /** Opens the conversation with somebody. */
  async open(who) {
    await this.row(who).click();
  }

  /** How many messages of somebody are unread, as the row shows it; 0 where it shows nothing. */
  async unread(who) {
    // In one look: the badge may go between one and the next.
    const badges = this.row(who).locator("[data-unread]");
    const [count] = await badges.evaluateAll((nodes) => nodes.map((node) => Number(node.dataset.unread)));
    return count ?? 0;
  }
}

/** A conversation. */
export class Chat {
  constructor(page) {
    this.page = page;
    this.element = page.locator("spark-chat");
    this.log = this.element.getByRole("log");
    this.composer = this.element.getByRole("textbox");
  }

  /** Resolves once the conversation with somebody is on screen; each group of messages has a heading of its own below. */
  async isWith(who) {
    await this.element.getByRole("heading", { level: 2, name: who }).waitFor();
  }

  /** Every message on screen, in order: whose it is, its text, and how far it has come. */
  messages() {
    return this.log.locator("[data-message-id]").evaluateAll((nodes) =>
      nodes.map((node) => ({
        id: node.dataset.messageId,
        direction: node.dataset.direction,
        delivery: node.dataset.delivery,
        body: node.querySelector("[data-body]")?.textContent,
      })),
    );
  }

  /** The message with this text. */
  message(body) {
    return this.log.locator("[data-message-id]").filter({ has: this.page.locator("[data-body]", { hasText: body }) });
  }

  async send(body) {
    await this.composer.fill(body);
    await this.composer.press("Enter");
  }

  /** Resolves once exactly one message with this text is on screen. */
  async shows(body) {
    await this.message(body).first().waitFor();
  }
}

/** Polls a condition until it holds or a deadline passes; what it waits for is the page, never the clock. */
export async function until(what, condition, withinMs = 15_000) {
  const deadline = performance.now() + withinMs;
  let last;
  do {
    last = await condition();
    if (last) return last;
    await new Promise((resolve) => setImmediate(resolve));
  } while (performance.now() < deadline);
  throw new Error(`${what} did not come about within ${withinMs} ms; last seen: ${JSON.stringify(last)}`);
}
