import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { keepMessages } from "./early.js";

const NAMES = ["addEventListener", "removeEventListener", "dispatchEvent"];

afterEach(() => {
  for (const name of NAMES) delete globalThis[name];
});

/** A window whose messages are heard here. */
const windowOf = () => {
  const target = new EventTarget();
  for (const name of NAMES) globalThis[name] = target[name].bind(target);
  return target;
};

test("a message that came early is delivered once, with its port and its origin", () => {
  const target = windowOf();
  const deliver = keepMessages();
  const { port1, port2 } = new MessageChannel();
  target.dispatchEvent(new MessageEvent("message", { data: "hello", origin: "https://shop.example", ports: [port1] }));
  const heard = [];
  target.addEventListener("message", ({ data, origin, ports }) => heard.push({ data, origin, ports: [...ports] }));
  deliver();
  target.dispatchEvent(new MessageEvent("message", { data: "later" }));
  assert.deepEqual(
    heard.map(({ data }) => data),
    ["hello", "later"],
  );
  assert.equal(heard[0].origin, "https://shop.example");
  assert.equal(heard[0].ports[0], port1);
  port1.close();
  port2.close();
});
