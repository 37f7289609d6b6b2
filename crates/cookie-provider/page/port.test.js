import assert from "node:assert/strict";
import { test } from "node:test";
import { createPort } from "./port.js";

const BRIDGE = new URL("https://bridge.example/iframe.html");

/** The window of a bridge page, which answers what it is sent. */
const windowOf = () => {
  const greeted = [];
  return {
    greeted,
    postMessage(hello, origin, [port]) {
      greeted.push({ hello, origin });
      port.onmessage = ({ data }) => port.postMessage({ answer: data });
    },
  };
};

test("a greeting goes to the bridge's origin only", () => {
  const target = windowOf();
  const port = createPort(BRIDGE, () => {});
  port.greet(target, { hello: 1 });
  port.close();
  assert.deepEqual(target.greeted, [{ hello: { hello: 1 }, origin: "https://bridge.example" }]);
});

test("what is posted is answered through the channel of the last greeting, once", async () => {
  const heard = [];
  let hasHeard;
  const once = new Promise((resolve) => (hasHeard = resolve));
  const port = createPort(BRIDGE, (message) => {
    heard.push(message);
    hasHeard();
  });
  port.greet(windowOf(), {});
  port.greet(windowOf(), {});
  port.post("load");
  await once;
  port.close();
  assert.deepEqual(heard, [{ answer: "load" }]);
});

test("what is posted to nobody is lost, also where the page has removed the window or the bridge has no address", () => {
  const port = createPort(BRIDGE, assert.fail);
  port.greet(null, {});
  port.post("load");
  port.close();
  createPort(undefined, assert.fail).post("load");
});
