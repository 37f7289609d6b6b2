import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { MARK, withPart } from "./address.js";

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
      const to = new URL(path, url);
      if (to.origin !== url.origin) throw new DOMException("Another origin.", "SecurityError");
      url.href = to.href;
    },
  };
  // Each page has a module of its own.
  const page = await import(`./address.js?page=${++pages}`);
  page.takeArrived();
  return { arrived: page.arrived, href: url.href };
};

test("a text arrives as it was sent", async () => {
  const text = "give,000102030405060708090a0b0c0d0eff,BG-_,a.b/~c";
  const sent = withPart(new URL(SHOP), text);
  assert.equal(sent, SHOP + "#~cookie-bridge=" + text);
  assert.deepEqual(await load(sent), { arrived: text, href: SHOP });
});

test("what anybody wrote there arrives as the address has it, and is taken out", async () => {
  for (const text of ["x", "%", "%22text%22", "{}", "a~cookie-bridge=b", "#a", ",,"])
    assert.deepEqual(await load(SHOP + "#" + MARK + text), { arrived: text, href: SHOP });
});

test("the page's own fragment stays", async () => {
  for (const fragment of ["#top", "#/route?x=1", "#~"])
    assert.deepEqual(await load(withPart(new URL(SHOP + fragment), "offer,1")), { arrived: "offer,1", href: SHOP + fragment });
});

test("a path that begins like a host stays a path", async () => {
  for (const path of ["//evil.example/x", "//", "/\\evil.example", "//@evil.example/?a=b"]) {
    const page = new URL("https://shop.example" + path);
    assert.deepEqual(await load(withPart(new URL(page), "offer,1")), { arrived: "offer,1", href: page.href });
  }
});

test("an address without a part stays as it is", async () => {
  for (const address of [SHOP, SHOP + "#", SHOP + "#top", SHOP + "#~cookie-bridge", SHOP + "#~cookie-bridge="])
    assert.deepEqual(await load(address), { arrived: undefined, href: address });
});

test("a page that may not change its address gets nothing", async () => {
  globalThis.location = new URL(withPart(new URL(SHOP), "ask"));
  globalThis.history = {
    replaceState() {
      throw new DOMException("Too many calls.", "SecurityError");
    },
  };
  const page = await import(`./address.js?page=${++pages}`);
  page.takeArrived();
  assert.equal(page.arrived, undefined);
});
