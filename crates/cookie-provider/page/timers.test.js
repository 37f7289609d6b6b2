import assert from "node:assert/strict";
import { test } from "node:test";
import { createTimers } from "./timers.js";

test("each time that is over is told, with what waited for it", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const told = [];
  const timers = createTimers((...event) => told.push(event));
  timers.start({ event: "expired", id: 7, after: 1000 });
  timers.start({ event: "retry", id: 8, after: 500 });
  assert.deepEqual(told, []);
  context.mock.timers.tick(1000);
  assert.deepEqual(told, [
    ["retry", { id: 8 }],
    ["expired", { id: 7 }],
  ]);
});

test("a time that nothing waits for any more is never told, and leaves no timer", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const clear = context.mock.method(globalThis, "clearTimeout");
  const told = [];
  const timers = createTimers((...event) => told.push(event));
  timers.start({ event: "expired", id: 1, after: 1000 });
  timers.start({ event: "expired", id: 2, after: 1000 });
  timers.stop("expired", 1);
  timers.stop("offer-expired", 2);
  context.mock.timers.tick(1000);
  assert.deepEqual(told, [["expired", { id: 2 }]]);
  assert.ok(clear.mock.calls.some(({ arguments: [timer] }) => timer));
});

test("a time that starts again counts from then on", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const told = [];
  const timers = createTimers((...event) => told.push(event));
  timers.start({ event: "expired", id: 1, after: 1000 });
  context.mock.timers.tick(900);
  timers.start({ event: "expired", id: 1, after: 1000 });
  context.mock.timers.tick(900);
  assert.deepEqual(told, []);
  context.mock.timers.tick(100);
  assert.deepEqual(told, [["expired", { id: 1 }]]);
});

test("a look uses no timer of the page, unless the browser has no other clock", async (context) => {
  const set = context.mock.method(globalThis, "setTimeout");
  const looked = await new Promise((resolve) => createTimers(resolve).look({ event: "looked-again", after: 1 }));
  assert.equal(looked, "looked-again");
  assert.equal(set.mock.callCount(), 0);
  context.mock.method(AbortSignal, "timeout");
  AbortSignal.timeout = undefined;
  assert.equal(await new Promise((resolve) => createTimers(resolve).look({ event: "looked-again", after: 1 })), "looked-again");
  assert.equal(set.mock.callCount(), 1);
});
