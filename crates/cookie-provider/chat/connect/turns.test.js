import assert from "node:assert/strict";
import { test } from "node:test";
import { takingTurns } from "./turns.js";

test("a task begins when the one before it is over", async () => {
  const inTurn = takingTurns();
  const events = [];
  let end;
  const first = inTurn(async () => {
    events.push("first begins");
    await new Promise((resolve) => (end = resolve));
    events.push("first ends");
  });
  const second = inTurn(async () => events.push("second"));
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(events, ["first begins"]);
  end();
  await Promise.all([first, second]);
  assert.deepEqual(events, ["first begins", "first ends", "second"]);
});

test("each caller gets what its own task brings, and a failure keeps nobody from running", async () => {
  const inTurn = takingTurns();
  const results = await Promise.allSettled([inTurn(async () => 1), inTurn(() => Promise.reject(new Error("no"))), inTurn(async () => 3)]);
  assert.deepEqual(
    results.map(({ value, reason }) => value ?? reason.message),
    [1, "no", 3],
  );
});

test("two lines of tasks do not wait for each other", async () => {
  takingTurns()(() => new Promise(() => {}));
  assert.equal(await takingTurns()(async () => "at once"), "at once");
});
