// What axe has to say of a page: nothing, or the test fails with it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Holds one element of a page, and all in its shadow root, to WCAG 2.2 at A and AA; or a part of it, by axe's `fromShadowDom`. */
export async function assertAccessible(page, selector) {
  await page.evaluate(SOURCE);
  const violations = await page.evaluate(async (at) => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations } = await globalThis.axe.run(at, { runOnly: tags, resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} at ${target.flat().join(" ")}: ${failureSummary}`),
    );
  }, selector);
  assert.deepEqual(violations, []);
}
