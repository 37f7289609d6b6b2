import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { firstCookie, isHidden, readCookies, removeEverywhere, writeCookie } from "./cookies.js";

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

test("a cookie is removed from this host and every domain above it, and for each path that covers the page's", () => {
  const written = page("");
  globalThis.location = { hostname: "shop.example", pathname: "/help/chat" };
  removeEverywhere("chat");
  const domains = ["", "; Domain=shop.example", "; Domain=example"];
  const places = domains.flatMap((domain) => ["/", "/help", "/help/", "/help/chat"].map((path) => `; Path=${path}${domain}`));
  const partitioned = domains.map((domain) => `; Path=/; Secure; SameSite=None; Partitioned${domain}`);
  assert.deepEqual(
    written,
    [...places, ...partitioned].map((place) => `chat=; Max-Age=0${place}`),
  );
});

test("the paths are those that cover the page's, and no more than a few", () => {
  for (const [pathname, paths] of [
    ["/", ["/"]],
    ["/chat", ["/", "/chat"]],
    ["/chat/", ["/", "/chat", "/chat/"]],
  ]) {
    const written = page("");
    globalThis.location = { hostname: "", pathname };
    removeEverywhere("chat");
    assert.deepEqual(
      written.slice(0, -1),
      paths.map((path) => `chat=; Max-Age=0; Path=${path}`),
    );
  }
  const written = page("");
  globalThis.location = { hostname: "", pathname: "/a".repeat(1000) };
  removeEverywhere("chat");
  assert.equal(written.length, 17);
});

/** A page in a browser that keeps cookies but for those of one name in one place. */
const pageRefusing = (name, place, vendor = "Google Inc.") => {
  const cookies = new Map();
  Object.defineProperty(globalThis, "navigator", { value: { vendor }, configurable: true });
  globalThis.location = { hostname: "shop.example", pathname: "/" };
  globalThis.document = {
    get cookie() {
      return Array.from(cookies.values(), ({ name: kept }) => kept + "=").join("; ");
    },
    set cookie(text) {
      const [, written, age, where] = /^(.*?)=; (?:SameSite=Lax; )?Max-Age=([09])(.*)$/.exec(text);
      const isRefused = written === name && where === place;
      if (age === "0") cookies.delete(written + where);
      else if (!isRefused && !where.includes("Domain=example")) cookies.set(written + where, { name: written });
    },
  };
};

test("a cookie that no script sees is found in its place, and nothing stays of the search", () => {
  for (const place of ["; Path=/", "; Path=/; Domain=shop.example", "; Path=/; Secure; SameSite=None; Partitioned"]) {
    pageRefusing("chat", place);
    assert.equal(isHidden("chat"), true, place);
    assert.equal(isHidden("other"), false, "that a public suffix takes no cookie says nothing");
    assert.equal(document.cookie, "");
  }
});

test("in WebKit nobody searches, because that would remove the cookie", () => {
  pageRefusing("chat", "; Path=/", "Apple Computer, Inc.");
  assert.equal(isHidden("chat"), false);
});
