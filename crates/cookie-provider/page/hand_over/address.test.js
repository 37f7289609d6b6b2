import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { cutStep, withStep } from "./address.js";

const SHOP = "https://shop.example/cart?item=1";

afterEach(() => {
  for (const name of ["location", "history"]) delete globalThis[name];
});

let pages = 0;

/** Loads a page with this address: what arrived, and the address that later scripts see. */
const load = async (address) => {
  const url = new URL(address);
  globalThis.location = url;
  globalThis.history = {
    state: { page: 1 },
    replaceState(state, title, path) {
      assert.deepEqual(state, { page: 1 });
      url.href = new URL(path, url).href;
    },
  };
  // Each page has a module of its own.
  const page = await import(`./address.js?page=${++pages}`);
  page.takeArrived();
  return { arrived: page.arrived, href: url.href };
};

test("a step arrives as it was sent, whatever is in it", async () => {
  const step = ["give", "nonce/+=", "chat ~cookie-bridge= ü", "%25&#"];
  const sent = withStep(new URL(SHOP), step);
  assert.deepEqual(await load(sent), { arrived: step, href: SHOP });
});

test("the page's own fragment stays", async () => {
  const { arrived, href } = await load(withStep(new URL(SHOP + "#top"), ["offer", "nonce", "chat"]));
  assert.deepEqual(arrived, ["offer", "nonce", "chat"]);
  assert.equal(href, SHOP + "#top");
});

test("an address without a step stays as it is", async () => {
  for (const address of [SHOP, SHOP + "#top", SHOP + "#~cookie-bridge", SHOP + "#~cookie-bridge="])
    assert.deepEqual(await load(address), { arrived: undefined, href: address });
});

test("what is no list of texts arrives nowhere, and is taken out all the same", async () => {
  for (const part of ["x", "%", "%22text%22", "{}", "[1]", "[null]", '["ask",["nested"]]']) {
    const { arrived, href } = await load(`${SHOP}#~cookie-bridge=${part}`);
    assert.equal(arrived, undefined, part);
    assert.equal(href, SHOP, part);
  }
});

test("a page that may not change its address gets no step", async () => {
  globalThis.location = new URL(withStep(new URL(SHOP), ["ask"]));
  globalThis.history = {
    replaceState() {
      throw new DOMException("Too many calls.", "SecurityError");
    },
  };
  const page = await import(`./address.js?page=${++pages}`);
  page.takeArrived();
  assert.equal(page.arrived, undefined);
});

test("a step is cut out of a link's address, with all that follows it", () => {
  const link = new URL(withStep(new URL(SHOP + "#top"), ["give", "nonce"]));
  assert.equal(cutStep(link), true);
  assert.equal(link.href, SHOP + "#top");
  link.href = `${SHOP}#~cookie-bridge=a~cookie-bridge=b`;
  assert.equal(cutStep(link), true);
  assert.equal(link.hash, "");
});

test("a link without a step stays as it is", () => {
  const link = new URL(SHOP + "#top");
  assert.equal(cutStep(link), false);
  assert.equal(link.href, SHOP + "#top");
});
