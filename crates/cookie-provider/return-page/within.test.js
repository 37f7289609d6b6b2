import assert from "node:assert/strict";
import { test } from "node:test";
import { within } from "./within.js";

test("what comes in time counts, whatever it is", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  assert.equal(await within(10, Promise.resolve(1)), 1);
  await assert.rejects(within(10, Promise.reject(new Error("broken"))), /broken/);
});

test("what comes too late does not", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let come;
  const late = within(10, new Promise((resolve) => (come = resolve)));
  context.mock.timers.tick(9);
  context.mock.timers.tick(1);
  come(1);
  await assert.rejects(late, /too long/);
});
