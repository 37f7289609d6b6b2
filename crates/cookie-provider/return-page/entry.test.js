import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, test } from "node:test";
import { act } from "./act.js";
import { closePage, openPage } from "./fake_page.js";

const recorded = JSON.parse(readFileSync(new URL("../../bridge-protocol/fixtures/hand-over.json", import.meta.url), "utf8"));
const html = readFileSync(new URL("cookie-bridge.html", import.meta.url), "utf8");
const PAGE = "https://help.example/.well-known/cookie-bridge.html";

afterEach(closePage);

/** Until the page has gone somewhere, or back. */
const settled = async ({ did }) => {
  for (let turns = 0; turns < 1000 && !/^(replace|back)/.test(did.at(-1)); turns++) await new Promise(setImmediate);
  return did;
};

test("the page takes the part out of its address, and then acts on it", async () => {
  const page = openPage(PAGE + "#~cookie-bridge=" + recorded.give.text);
  page.sessionStorage.setItem("cookie-bridge." + recorded.give.nonce, JSON.stringify(recorded.notes.asked));
  await import("./entry.js");
  assert.deepEqual(await settled(page), ["show " + PAGE, "stop", "replace " + recorded.notes.asked.address]);
  const { sessions } = JSON.parse(page.sessionStorage.getItem("cookie-bridge.brought"));
  assert.deepEqual(sessions, recorded.sessions);
});

test("without a step of a hand-over, the visitor does not stay", async () => {
  for (const text of [
    undefined,
    "",
    "%",
    "offer",
    recorded.offer.text,
    "ask,x",
    recorded.ask.text,
    recorded.give.text,
    recorded.none.text,
  ]) {
    const { did } = openPage(PAGE, { before: 1 });
    await act(text);
    assert.deepEqual(did, ["stop", "replace https://help.example/"], text);
  }
});

test("whatever is thrown, the visitor does not stay", async () => {
  const { did, warnings } = openPage(PAGE, { before: 1 });
  Object.defineProperty(globalThis.document, "referrer", {
    get() {
      throw new Error("broken");
    },
  });
  await act(recorded.ask.text);
  assert.deepEqual([...did, warnings.length], ["stop", "replace https://help.example/", 1]);
});

test("the page has what host pages look for, and its ways out where the script does not run", () => {
  assert.ok(html.includes('<meta name="cookie-bridge" content="return-page">'));
  assert.ok(html.includes('<script src="cookie-bridge.js"></script>'));
  assert.ok(html.includes('<meta name="robots" content="noindex">'));
  assert.ok(html.includes('<meta name="referrer" content="no-referrer">'));
  assert.ok(html.includes('<noscript><meta http-equiv="refresh" content="0;url=/"></noscript>'));
  assert.ok(html.includes('<meta http-equiv="refresh" content="5;url=/">'));
});
