// What most browser tests need: a demo, a browser, and people who leave after each test and whose pages reported no faults.

import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";

import { launch, newPerson } from "./browser.mjs";
import { startDemo } from "./demo.mjs";

/**
 * Sets it for all tests of a file. `begins` is called when all is there, `ends` before it goes.
 *
 * @returns {{demo: object, browser: object, enters: (options?: object) => ReturnType<typeof newPerson>}}
 */
export function setStage({ begins = async () => {}, ends = async () => {} } = {}) {
  const people = [];
  const stage = {
    /** Somebody at a browser of their own, until the test is over. */
    async enters(options) {
      const person = await newPerson(stage.browser, options);
      people.push(person);
      return person;
    },
  };
  before(async () => {
    [stage.demo, stage.browser] = await Promise.all([startDemo(), launch()]);
    await begins(stage);
  });
  after(async () => {
    await ends();
    await stage.browser?.close();
    await stage.demo?.stop();
  });
  afterEach(async () => {
    const faults = people.flatMap((person) => person.faults);
    await Promise.all(people.splice(0).map((person) => person.context.close()));
    assert.deepEqual(faults, [], "a page reported faults");
  });
  return stage;
}
