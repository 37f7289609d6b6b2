import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { makeKey, unseal } from "../page/hand_over/seal.js";
import { closePage, openPage } from "./fake_page.js";
import { giveTo } from "./give.js";

const NOW = 1795000000000;
const NONCE = "000102030405060708090a0b0c0d0eff";
const HELP = "https://help.example";
const WWW = "https://www.help.example";
const OFFERED = { to: HELP + "/page?a=b#top", names: ["sid", "cart"], at: NOW, bridge: "https://bridge.example/iframe.html" };
const COOKIES = 'sid={"a":"b, c"}; cart=2=3; other=secret; sid=second';
const BOTH = { sid: '{"a":"b, c"}', cart: "2=3" };

const { kept, shown } = await makeKey();
const ASK = { step: "ask", nonce: NONCE, key: shown, path: "/.well-known/cookie-bridge.html", names: ["sid", "cart"] };
const EXPIRED = { step: "none", nonce: NONCE, code: "handoff-expired" };
const NOT_TRUSTED = { step: "none", nonce: NONCE, code: "handoff-not-trusted" };

beforeEach(() => mock.timers.enable({ apis: ["Date"], now: NOW }));
afterEach(() => {
  mock.timers.reset();
  closePage();
});

const shop = ({ cookies = COOKIES, bridge } = {}) => openPage("https://shop.example/.well-known/cookie-bridge.html", { cookies, bridge });

/** The sessions in an answer, in the order in which they are there. */
const opened = async ({ step, nonce, key, sealed }) => {
  assert.deepEqual([step, nonce], ["give", NONCE]);
  return JSON.parse(await unseal(kept, key, sealed));
};

/** A bridge that lets an origin load the sessions of these names. */
const bridgeThatAllows = (origin, names) => (hello, port, to) => {
  assert.equal(to, "https://bridge.example");
  port.onmessage = ({ data: { kind, id, text, saves, name } }) => {
    assert.deepEqual([kind, saves], ["hands-over", false]);
    port.postMessage({ v: 1, kind: "may-hand-over", id, done: text === origin && names.includes(name) });
  };
  port.postMessage({ v: 1, kind: "welcome", nonce: hello.nonce });
};

test("the page that the link leads to gets the sessions, sealed, and no bridge is asked", async () => {
  const { iframes } = shop();
  const given = await giveTo(ASK, OFFERED, HELP);
  assert.deepEqual(await opened(given), BOTH);
  assert.deepEqual(iframes, []);
});

test("only what was offered, is asked for and is there is given", async () => {
  shop();
  assert.deepEqual(await opened(await giveTo({ ...ASK, names: ["cart", "other"] }, OFFERED, HELP)), { cart: "2=3" });
  assert.deepEqual(await opened(await giveTo(ASK, { ...OFFERED, names: ["other", "cart"] }, HELP)), { cart: "2=3" });
  shop({ cookies: "sids=x; sid=1" });
  assert.deepEqual(await opened(await giveTo(ASK, OFFERED, HELP)), { sid: "1" });
});

test("what is left of a session's lifetime is given along, and what is over is not given", async () => {
  const cookies = (age, seconds) =>
    `sid=1; __Host-bridge-note.sid=${NOW - age}.loaded.${seconds}; cart=2; __Host-bridge-note.cart=${NOW}.save.`;
  for (const [age, rest] of [
    [0, 3600],
    [600000, 3000],
    [3599001, 1],
    [-86400000, 3600],
  ]) {
    shop({ cookies: cookies(age, 3600) });
    assert.deepEqual(await opened(await giveTo(ASK, OFFERED, HELP)), { sid: "1", "sid;max-age": rest, cart: "2" }, String(age));
  }
  shop({ cookies: cookies(3600000, 3600) });
  assert.deepEqual(await opened(await giveTo(ASK, OFFERED, HELP)), { cart: "2" });
  shop({ cookies: "sid=1; __Host-bridge-note.sid=x.y.z" });
  assert.deepEqual(await opened(await giveTo(ASK, OFFERED, HELP)), { sid: "1" });
});

test("every name and value that a cookie may have is given as it is", async () => {
  const printable = String.fromCharCode(...Array.from({ length: 95 }, (_, at) => 32 + at));
  const all = printable.replace(";", "").trim();
  shop({ cookies: `__proto__=1; constructor=2; empty=; all=${all}` });
  const names = ["__proto__", "constructor", "empty", "all"];
  const found = await opened(await giveTo({ ...ASK, names }, { ...OFFERED, names }, HELP));
  assert.deepEqual(Object.entries(found), [
    ["__proto__", "1"],
    ["constructor", "2"],
    ["empty", ""],
    ["all", all],
  ]);
});

test("an offer counts for a minute", async () => {
  shop();
  for (const age of [0, 60000]) assert.deepEqual(await opened(await giveTo(ASK, { ...OFFERED, at: NOW - age }, HELP)), BOTH);
  for (const age of [60001, -1]) assert.deepEqual(await giveTo(ASK, { ...OFFERED, at: NOW - age }, HELP), EXPIRED);
  assert.deepEqual(await giveTo(ASK, undefined, HELP), EXPIRED);
});

test("where no session is left, there is nothing to give", async () => {
  shop();
  for (const names of [[], ["other"], ["SID"], [""]]) {
    assert.deepEqual(await giveTo({ ...ASK, names }, OFFERED, HELP), EXPIRED);
    assert.deepEqual(await giveTo(ASK, { ...OFFERED, names }, HELP), EXPIRED);
  }
  for (const cookies of ["", "other=secret", "sids=1; xsid=2"]) {
    shop({ cookies });
    assert.deepEqual(await giveTo(ASK, OFFERED, HELP), EXPIRED);
  }
  Object.defineProperty(globalThis.document, "cookie", {
    get() {
      throw new DOMException("No cookies here.", "SecurityError");
    },
  });
  assert.deepEqual(await giveTo(ASK, OFFERED, HELP), EXPIRED);
});

test("for what is no public key, nothing is sealed", async () => {
  shop();
  for (const key of ["", "AAAA", "no base64!", shown.slice(1)])
    await assert.rejects(giveTo({ ...ASK, key }, OFFERED, HELP), undefined, key);
});

test("a page of another origin than the link's gets what the bridge vouches for", async () => {
  const given = (origin, names) => {
    shop({ bridge: bridgeThatAllows(origin, names) });
    return giveTo(ASK, OFFERED, WWW);
  };
  assert.deepEqual(await opened(await given(WWW, ["sid", "cart", "other"])), BOTH);
  assert.deepEqual(await opened(await given(WWW, ["cart"])), { cart: "2=3" });
  assert.deepEqual(await given(WWW, ["other"]), NOT_TRUSTED);
  assert.deepEqual(await given(HELP, ["sid", "cart"]), NOT_TRUSTED);
});

test("the bridge is asked about sessions that are there, in an offer that still counts", async () => {
  const { iframes } = shop();
  assert.deepEqual(await giveTo(ASK, undefined, WWW), EXPIRED);
  assert.deepEqual(await giveTo(ASK, { ...OFFERED, at: NOW - 60001 }, WWW), EXPIRED);
  assert.deepEqual(await giveTo({ ...ASK, names: ["other"] }, OFFERED, WWW), EXPIRED);
  assert.deepEqual(iframes, []);
});
