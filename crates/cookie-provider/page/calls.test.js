import assert from "node:assert/strict";
import { test } from "node:test";
import { createCalls } from "./calls.js";

/** Calls that have begun: their promises, and the numbers under which the core knows them. */
const begun = (count, stopTimer = () => {}) => {
  const calls = createCalls(stopTimer);
  const numbers = [];
  const promises = Array.from({ length: count }, () => calls.make((number) => numbers.push(number)));
  return { calls, numbers, promises };
};

test("each call gets a number of its own, from 1", () => {
  assert.deepEqual(begun(3).numbers, [1, 2, 3]);
});

test("a call begins in the same turn", () => {
  let isBegun = false;
  createCalls(() => {}).make(() => (isBegun = true));
  assert.ok(isBegun);
});

test("answers may come in any order", async () => {
  const { calls, promises } = begun(2);
  calls.settle({ id: 2, result: "second" });
  calls.settle({ id: 1, result: "first" });
  assert.deepEqual(await Promise.all(promises), ["first", "second"]);
});

test("a call may settle before `make` returns", async () => {
  const calls = createCalls(() => {});
  assert.equal(await calls.make((id) => calls.settle({ id, result: "at once" })), "at once");
});

test("a call that fails rejects with the code and the message", async () => {
  const { calls, promises } = begun(1);
  calls.fail({ id: 1, code: "timeout", message: "Nobody answered." });
  await assert.rejects(promises[0], { name: "CookieBridgeError", code: "timeout", message: "Nobody answered." });
});

test("only the first answer counts, and one that nobody waits for is ignored", async () => {
  const { calls, promises } = begun(1);
  calls.settle({ id: 1, result: "answer" });
  calls.fail({ id: 1, code: "timeout", message: "Nobody answered." });
  calls.settle({ id: 7, result: "of another page" });
  calls.fail({ id: 7, code: "timeout", message: "Nobody answered." });
  assert.equal(await promises[0], "answer");
});

test("the time of a call stops with it, however it ends", async () => {
  const stopped = [];
  const { calls, promises } = begun(2, (...timer) => stopped.push(timer));
  calls.settle({ id: 1, result: null });
  calls.fail({ id: 2, code: "timeout", message: "" });
  await Promise.allSettled(promises);
  assert.deepEqual(stopped, [
    ["expired", 1],
    ["expired", 2],
  ]);
});
