import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { createEvents, notify } from "./events.js";

test("a listener gets the detail", () => {
  const listener = mock.fn();
  notify(listener, { value: null });
  assert.deepEqual(listener.mock.calls[0].arguments, [{ value: null }]);
});

test("what is no function is not called", () => {
  for (const listener of [undefined, null, "alert(1)", {}]) notify(listener, {});
});

test("an error of the page's goes to the console, and the next listener hears all the same", (context) => {
  const { mock: shown } = context.mock.method(console, "error", () => {});
  const cause = new Error("the page's");
  const next = mock.fn();
  const events = createEvents();
  events.add("saved", () => {
    throw cause;
  });
  events.add("saved", next);
  events.emit({ type: "saved", detail: {} });
  assert.deepEqual(
    shown.calls.map((call) => call.arguments),
    [[cause]],
  );
  assert.equal(next.mock.callCount(), 1);
});

test("listeners hear their type only, in the order in which they came", () => {
  const heard = [];
  const events = createEvents();
  events.add("saved", () => heard.push("first"));
  events.add("loaded", () => heard.push("other"));
  events.add("saved", () => heard.push("second"));
  events.emit({ type: "saved", detail: {} });
  assert.deepEqual(heard, ["first", "second"]);
});

test("a listener that was added twice hears once, and one that was removed hears no more", () => {
  const listener = mock.fn();
  const events = createEvents();
  events.add("change", listener);
  events.add("change", listener);
  events.emit({ type: "change", detail: {} });
  events.delete("change", listener);
  events.delete("change", listener);
  events.delete("saved", listener);
  events.emit({ type: "change", detail: {} });
  assert.equal(listener.mock.callCount(), 1);
});

test("a warning has the code of its error", (context) => {
  const { mock: shown } = context.mock.method(console, "warn", () => {});
  createEvents().warn({ code: "handoff-expired", message: "The link is too old." });
  const [error] = shown.calls[0].arguments;
  assert.equal(error.code, "handoff-expired");
  assert.equal(error.message, "The link is too old.");
});
