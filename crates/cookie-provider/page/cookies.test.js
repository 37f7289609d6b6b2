import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { firstCookie, readCookies, removeEverywhere, writeCookie } from "./cookies.js";

afterEach(() => {
  for (const name of ["document", "location"]) delete globalThis[name];
});

/** A page with these cookies, and what is written to it. */
const page = (cookie) => {
  const written = [];
  globalThis.document = {
    get cookie() {
      return cookie;
    },
    set cookie(text) {
      written.push(text);
    },
  };
  return written;
};

/** A sandboxed page. */
const withoutCookies = () => {
  const refuse = () => {
    throw new DOMException("The document is sandboxed.", "SecurityError");
  };
  globalThis.document = Object.defineProperty({}, "cookie", { get: refuse, set: refuse });
};

test("of two cookies of one name the first counts", () => {
  page("other=1; chat=a; chat=b");
  assert.equal(firstCookie("chat"), "a");
});

test("a cookie's value may have any character, and may be empty", () => {
  page("chat=a=b%20c; empty=");
  assert.equal(firstCookie("chat"), "a=b%20c");
  assert.equal(firstCookie("empty"), "");
});

test("a name that is the end or the beginning of another is not mistaken for it", () => {
  page("my-chat=a; chat-2=b");
  assert.equal(firstCookie("chat"), null);
});

test("a document without cookies is an empty jar that keeps nothing", () => {
  withoutCookies();
  writeCookie("chat=a");
  assert.equal(readCookies(), "");
  assert.equal(firstCookie("chat"), null);
});

test("a cookie is removed from this host and from every domain above it", () => {
  const written = page("");
  globalThis.location = { hostname: "www.shop.example" };
  removeEverywhere("chat");
  const removed = "chat=; Path=/; Max-Age=0";
  const domains = ["www.shop.example", "shop.example", "example"];
  assert.deepEqual(written, [removed, ...domains.map((domain) => `${removed}; Domain=${domain}`)]);
});
