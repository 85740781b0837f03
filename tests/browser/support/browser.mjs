// Chromium, and what every page of a test is watched for.

import { chromium } from "playwright-core";

import { noteThoseOf } from "./secrets.mjs";

const EXECUTABLE = process.env.SPARKWEB_CHROMIUM ?? "/usr/bin/chromium";

/** A headless Chromium that asks nothing of the world outside; with more arguments if need be. */
export function launch({ args = [] } = {}) {
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...args,
    ],
  });
}

/**
 * A person at a browser of their own: a context whose pages report what goes wrong in them.
 *
 * @returns {Promise<{context: import("playwright-core").BrowserContext, faults: string[], newPage: Function}>}
 */
export async function newPerson(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(15_000);
  noteThoseOf(context);
  const faults = [];
  context.on("weberror", (error) => faults.push(`uncaught: ${error.error()}`));
  context.on("console", (message) => {
    // A refused request shows up as a console error of the browser's own; the test of that refusal looks at the page.
    if (message.type() === "error" && !/Failed to load resource|net::ERR_/.test(message.text())) {
      faults.push(`console: ${message.text()}`);
    }
  });
  return {
    context,
    faults,
    async newPage(url) {
      const page = await context.newPage();
      await page.goto(url);
      return page;
    },
  };
}
