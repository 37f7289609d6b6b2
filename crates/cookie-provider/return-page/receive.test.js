import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, mock, test } from "node:test";
import { makeKey, seal } from "../page/hand_over/seal.js";
import { closePage, openPage } from "./fake_page.js";
import { readPart } from "./part.js";
import { receive } from "./receive.js";

const recorded = JSON.parse(readFileSync(new URL("../../bridge-protocol/fixtures/hand-over.json", import.meta.url), "utf8"));
const { notes } = recorded;
const NONCE = recorded.give.nonce;
const HELP = "https://help.example/.well-known/cookie-bridge.html";
const GIVE = readPart(recorded.give.text);

beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "Date"], now: notes.brought.at }));
afterEach(() => {
  mock.timers.reset();
  closePage();
});

/** The return page of the domain that asked, with what its page noted then. */
const help = (note = notes.asked) => {
  const page = openPage(HELP);
  if (note) page.sessionStorage.setItem("cookie-bridge." + NONCE, JSON.stringify(note));
  return page;
};

/** What the page that asked finds when the visitor is back there. */
const broughtBy = async (answer, note = notes.asked) => {
  const page = help(note);
  await receive(answer);
  assert.deepEqual(page.did, ["stop", "replace " + note.address]);
  assert.deepEqual(Object.keys(page.sessionStorage), ["cookie-bridge.brought"]);
  return JSON.parse(page.sessionStorage.getItem("cookie-bridge.brought"));
};

const UNREADABLE = { ...notes["brought nothing"], code: "handoff-unreadable" };

test("the page that asked gets the sessions, and the visitor is back there", async () => {
  assert.deepEqual(await broughtBy(GIVE), notes.brought);
});

test("the page that asked gets the reason why there are none", async () => {
  assert.deepEqual(await broughtBy(readPart(recorded.none.text)), notes["brought nothing"]);
  for (const code of ["handoff-expired", "handoff-not-trusted"])
    assert.deepEqual(await broughtBy({ step: "none", nonce: NONCE, code }), { ...UNREADABLE, code });
});

test("a reason that nobody gives is none", async () => {
  for (const code of ["", "constructor", "timeout", "handoff-no-referrer", "HANDOFF-EXPIRED", "<b>"])
    assert.deepEqual(await broughtBy({ step: "none", nonce: NONCE, code }), UNREADABLE);
});

test("what was not sealed for this page's key is unreadable", async () => {
  const other = await makeKey();
  const [key, sealed] = await seal('{"chat-session":"planted"}', other.shown);
  const odd = [
    { key, sealed },
    { key: GIVE.key, sealed },
    { key, sealed: GIVE.sealed },
    { key: "", sealed: "" },
    { key: GIVE.key, sealed: "" },
    { key: "no base64!", sealed: "%" },
    { key: GIVE.key, sealed: GIVE.sealed.slice(4) },
  ];
  for (const change of odd) assert.deepEqual(await broughtBy({ ...GIVE, ...change }), UNREADABLE);
});

test("a noted key that is none opens nothing", async () => {
  for (const key of [{}, [], { kty: "EC" }, { ...notes.asked.key, d: "x" }])
    assert.deepEqual(await broughtBy(GIVE, { ...notes.asked, key }), UNREADABLE);
});

test("where the browser has no cryptography, it is unreadable", async () => {
  // As over http.
  Object.defineProperty(crypto, "subtle", { value: undefined, configurable: true });
  try {
    assert.deepEqual(await broughtBy(GIVE), UNREADABLE);
  } finally {
    delete crypto.subtle;
  }
});

/** What is brought of this text, sealed for the page. */
const broughtOf = async (text, names) => {
  const { kept, shown } = await makeKey();
  const [key, sealed] = await seal(text, shown);
  return broughtBy({ step: "give", nonce: NONCE, key, sealed }, { ...notes.asked, key: kept, names });
};

test("only sessions that the page asked for are brought", async () => {
  const { sessions } = await broughtOf('{"sid":"1","other":"2","cart":3,"__proto__":"4"}', ["sid", "cart", "__proto__"]);
  assert.deepEqual(Object.entries(sessions), [
    ["sid", "1"],
    ["__proto__", "4"],
  ]);
});

test("what is left of a session's lifetime is brought along", async () => {
  const text = '{"sid":"1","sid;max-age":60,"cart":"2","cart;max-age":"x","other":"3","other;max-age":60}';
  const { sessions } = await broughtOf(text, ["sid", "cart"]);
  assert.deepEqual(sessions, { sid: "1", cart: "2", "sid;max-age": 60 });
});

test("where none of them is in it, it is unreadable", async () => {
  for (const text of ["", "x", "null", "1", '"sid"', "[]", "{}", '{"other":"1"}', '{"sid":1}', '{"sid":null}', '[["sid","1"]]'])
    assert.deepEqual(await broughtOf(text, ["sid"]), { ...UNREADABLE, names: ["sid"] }, text);
});

test("an answer that nobody here asked for leads out, and brings nothing", async () => {
  const odd = [null, { ...notes.asked, address: "https://evil.example/" }, { ...notes.asked, address: "javascript:alert(1)" }];
  for (const note of odd)
    for (const answer of [GIVE, readPart(recorded.none.text)]) {
      const page = help(note);
      await receive(answer);
      assert.deepEqual(page.did, ["stop", "back"]);
      assert.deepEqual(Object.keys(page.sessionStorage), []);
    }
});

test("an answer counts once, and under its own nonce", async () => {
  const page = help();
  await receive({ ...GIVE, nonce: "f".repeat(32) });
  assert.deepEqual(page.did, ["stop", "back"]);
  await receive(GIVE);
  await receive(GIVE);
  assert.deepEqual(page.did.slice(2), ["stop", "replace " + notes.asked.address, "stop", "back"]);
});

test("where nothing can be stored, the visitor is back without a session", async () => {
  const page = help();
  Object.defineProperty(page.sessionStorage, "setItem", {
    value() {
      throw new DOMException("Full.", "QuotaExceededError");
    },
  });
  await receive(GIVE);
  assert.deepEqual(page.did, ["stop", "replace " + notes.asked.address]);
  assert.deepEqual(Object.keys(page.sessionStorage), []);
});

test("where storage throws, there is no way but out", async () => {
  const page = help();
  Object.defineProperty(globalThis.window, "sessionStorage", {
    get() {
      throw new DOMException("Storage is blocked.", "SecurityError");
    },
  });
  await receive(GIVE);
  assert.deepEqual(page.did, ["stop", "back"]);
});
