import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { makeKey, unseal } from "../page/hand_over/seal.js";
import { answer } from "./answer.js";
import { closePage, openPage } from "./fake_page.js";
import { readPart } from "./part.js";

const NOW = 1795000000000;
const NONCE = "000102030405060708090a0b0c0d0eff";
const PATH = "/.well-known/cookie-bridge.html";
const HELP = "https://help.example";
const NOTE = { to: HELP + "/page?a=b#top", names: ["sid"], at: NOW, bridge: "https://bridge.example/iframe.html" };

const { kept, shown } = await makeKey();
const ASK = { step: "ask", nonce: NONCE, key: shown, path: PATH, names: ["sid"] };
const EXPIRED = `none,${NONCE},handoff-expired`;

beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "Date"], now: NOW }));
afterEach(() => {
  mock.timers.reset();
  closePage();
});

/** The shop's return page, with what its page noted at the click. */
const shop = ({ note = NOTE, referrer = HELP + "/", bridge } = {}) => {
  const page = openPage("https://shop.example" + PATH, { referrer, cookies: "sid=1", bridge });
  if (note) page.localStorage.setItem("cookie-bridge." + NONCE, JSON.stringify(note));
  return page;
};

/** Where the page went, and the text that it brought there. */
const went = ({ did }) => {
  assert.deepEqual([did.length, did[0], did[1].split(" ")[0]], [2, "stop", "replace"]);
  return did[1].slice("replace ".length).split("#~cookie-bridge=");
};

const opened = async (text) => {
  const { step, nonce, key, sealed } = readPart(text);
  assert.deepEqual([step, nonce], ["give", NONCE]);
  return JSON.parse(await unseal(kept, key, sealed));
};

test("the answer goes to the return page of the origin that asks", async () => {
  for (const referrer of [HELP + "/", HELP + "/page?with=more"]) {
    const page = shop({ referrer });
    await answer(ASK);
    const [to, text] = went(page);
    assert.equal(to, HELP + PATH);
    assert.deepEqual(await opened(text), { sid: "1" });
    assert.deepEqual([Object.keys(page.localStorage), page.warnings], [[], []]);
  }
});

test("an offer is answered once, and under its own nonce", async () => {
  const page = shop();
  const other = "f".repeat(32);
  await answer({ ...ASK, nonce: other });
  assert.deepEqual(went(page), [HELP + PATH, `none,${other},handoff-expired`]);
  page.did.length = 0;
  await answer(ASK);
  await opened(went(page)[1]);
  page.did.length = 0;
  await answer(ASK);
  assert.deepEqual(went(page), [HELP + PATH, EXPIRED]);
});

test("without an offer, or with one that the page did not write, there is nothing to give", async () => {
  for (const note of [null, {}, { ...NOTE, to: "javascript:alert(1)" }, { ...NOTE, names: "sid" }]) {
    const page = shop({ note });
    await answer(ASK);
    assert.deepEqual(went(page), [HELP + PATH, EXPIRED]);
  }
});

test("where storage throws, there is nothing to give", async () => {
  const page = shop();
  Object.defineProperty(globalThis.window, "localStorage", {
    get() {
      throw new DOMException("Storage is blocked.", "SecurityError");
    },
  });
  await answer(ASK);
  assert.deepEqual(went(page), [HELP + PATH, EXPIRED]);
});

test("where nothing can be sealed, there is nothing to give", async () => {
  const page = shop();
  await answer({ ...ASK, key: "no base64!" });
  assert.deepEqual([...went(page), page.warnings.length], [HELP + PATH, EXPIRED, 1]);

  const insecure = shop();
  // As over http.
  Object.defineProperty(crypto, "subtle", { value: undefined, configurable: true });
  try {
    await answer(ASK);
  } finally {
    delete crypto.subtle;
  }
  assert.deepEqual([...went(insecure), insecure.warnings.length], [HELP + PATH, EXPIRED, 1]);
});

test("a bridge that does not answer is waited for three seconds", async () => {
  const page = shop({ referrer: "https://evil.example/" });
  const done = answer(ASK);
  mock.timers.tick(2999);
  await new Promise(setImmediate);
  assert.deepEqual(page.did, []);
  mock.timers.tick(1);
  await done;
  assert.deepEqual(went(page), ["https://evil.example" + PATH, EXPIRED]);
});

test("an answer of the bridge that comes too late leads nowhere", async () => {
  let late;
  const bridge = ({ nonce }, port) => {
    port.onmessage = ({ data: { id } }) => port.postMessage({ v: 1, kind: "may-hand-over", id, done: true });
    late = () => port.postMessage({ v: 1, kind: "welcome", nonce });
  };
  const page = shop({ referrer: "https://www.help.example/", bridge });
  const done = answer(ASK);
  await new Promise(setImmediate);
  mock.timers.tick(3000);
  await done;
  late();
  for (let turns = 0; turns < 50; turns++) await new Promise(setImmediate);
  assert.deepEqual(went(page), ["https://www.help.example" + PATH, EXPIRED]);
});

test("without a referrer there is nobody to answer, and the visitor gets where the link led to", async () => {
  for (const referrer of ["", "about:client", "android-app://org.example/"]) {
    const page = shop({ referrer });
    await answer(ASK);
    assert.deepEqual(page.did, ["stop", "replace " + NOTE.to]);
    assert.deepEqual(Object.keys(page.localStorage), []);
  }
});

test("without a referrer and an offer, there is no way but out", async () => {
  const page = shop({ referrer: "", note: null });
  await answer(ASK);
  assert.deepEqual(page.did, ["stop", "back"]);
});

const HOSTS = ["//evil/cookie-bridge.html", "//evil.example", "/\\evil/cookie-bridge.html", "@evil.example/cookie-bridge.html"];
const OTHERS = ["/x?y", "/x?/cookie-bridge.html", "/x#/cookie-bridge.html", "/logout", "/not-cookie-bridge.html", "/cookie-bridge.html/"];
const ODD = [
  "",
  "/",
  "cookie-bridge.html",
  ".evil/cookie-bridge.html",
  "/%2e/cookie-bridge.html",
  "/cookie-bridge.html\n",
  "/ü/cookie-bridge.html",
];

test("a path that is no return page's is not loaded", async () => {
  for (const path of [...HOSTS, ...OTHERS, ...ODD]) {
    const page = shop();
    await answer({ ...ASK, path });
    assert.deepEqual(page.did, ["stop", "back"], path);
  }
});

test("a return page may be in any folder of the origin that asks", async () => {
  const paths = ["/cookie-bridge.html", "/../cookie-bridge.html", "/a/~b/c_d-e/cookie-bridge.html", "/a//cookie-bridge.html"];
  for (const path of paths) {
    const page = shop();
    await answer({ ...ASK, path });
    const [to, text] = went(page);
    assert.equal(to, HELP + path.replace("/..", ""));
    await opened(text);
  }
});
