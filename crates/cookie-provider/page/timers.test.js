import assert from "node:assert/strict";
import { test } from "node:test";
import { createTimers } from "./timers.js";

test("each time that is over is told, with what waited for it", (context) => {
  const set = context.mock.method(globalThis, "setTimeout", () => {});
  const told = [];
  const timers = createTimers((...event) => told.push(event));
  timers.start({ event: "expired", id: 7, after: 1000 });
  timers.start({ event: "retry", id: 8, after: 500 });
  assert.deepEqual(told, []);
  const [call, retry] = set.mock.calls.map(({ arguments: [end, milliseconds] }) => ({ end, milliseconds }));
  assert.deepEqual([call.milliseconds, retry.milliseconds], [1000, 500]);
  retry.end();
  call.end();
  assert.deepEqual(told, [
    ["retry", { id: 8 }],
    ["expired", { id: 7 }],
  ]);
});
