import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { within } from "./wait.js";

beforeEach(() => {
  globalThis.document = new EventTarget();
});

afterEach(() => {
  delete globalThis.document;
});

/** Whether the promise has settled. */
const hasSettled = async (promise) => {
  const open = Symbol();
  for (let turn = 0; turn < 10; turn++) await undefined;
  return (await Promise.race([promise, open])) !== open;
};

test("what comes in time is the result, and no timer is left", async (context) => {
  const clear = context.mock.method(globalThis, "clearTimeout");
  assert.equal(await within(Promise.resolve("session"), 1000), "session");
  assert.equal(await within(Promise.reject(new Error()), 1000), undefined);
  assert.deepEqual(
    clear.mock.calls.map(({ arguments: [timer] }) => Boolean(timer)),
    [true, true],
  );
});

test("what takes longer is not waited for", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  for (const [wait, milliseconds] of [
    [500, 500],
    [0, 0],
    [600_000, 600_000],
    // No time: the default.
    [undefined, 2000],
    [null, 2000],
    ["500", 2000],
    [-1, 2000],
    [NaN, 2000],
    [600_001, 2000],
  ]) {
    const waited = within(new Promise(() => {}), wait);
    if (milliseconds) context.mock.timers.tick(milliseconds - 1);
    assert.equal(await hasSettled(waited), false, String(wait));
    context.mock.timers.tick(1);
    assert.equal(await waited, undefined, String(wait));
  }
});

test("a page that is prerendered waits from the moment in which it is shown", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  document.prerendering = true;
  const waited = within(new Promise(() => {}), 100);
  context.mock.timers.tick(10_000);
  assert.equal(await hasSettled(waited), false);
  document.dispatchEvent(new Event("prerenderingchange"));
  context.mock.timers.tick(100);
  assert.equal(await waited, undefined);
});

test("a prerendered page that need not wait starts no timer when it is shown", async (context) => {
  const set = context.mock.method(globalThis, "setTimeout");
  document.prerendering = true;
  assert.equal(await within(Promise.resolve("session"), 100), "session");
  document.dispatchEvent(new Event("prerenderingchange"));
  assert.equal(set.mock.callCount(), 0);
});
