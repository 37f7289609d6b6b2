import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, test } from "node:test";
import { mayLoad } from "./bridge.js";
import { closePage, openPage } from "./fake_page.js";

const wire = JSON.parse(readFileSync(new URL("../../bridge-protocol/fixtures/wire.json", import.meta.url), "utf8"));
const BRIDGE = "https://bridge.example/iframe.html";
const HELP = "https://help.example";

afterEach(closePage);

/** A page with a bridge that welcomes it and answers each request like this. */
const pageWith = (reply, greeting = ({ nonce }) => ({ ...wire.welcome, nonce })) => {
  const heard = { hellos: [], origins: [], requests: [] };
  const bridge = (hello, port, origin) => {
    heard.hellos.push(hello);
    heard.origins.push(origin);
    port.onmessage = ({ data }) => {
      heard.requests.push(data);
      for (const answer of [reply(data)].flat()) if (answer) port.postMessage(answer);
    };
    port.postMessage(greeting(hello));
  };
  return { ...openPage("https://shop.example/.well-known/cookie-bridge.html", { bridge }), heard };
};

const answer = (id, done) => ({ ...wire.replies["may hand over"], id, done });

/** What a promise brings within some turns of the event loop. */
const soon = async (promise) => {
  let outcome = "nothing";
  promise.then(
    (value) => (outcome = value),
    (error) => (outcome = error.message),
  );
  for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate);
  return outcome;
};

test("the bridge is asked for each session, in the protocol's words", async () => {
  const { heard, iframes } = pageWith(({ id }) => answer(id, true));
  assert.deepEqual(await mayLoad(BRIDGE, HELP, ["sid", "cart"]), ["sid", "cart"]);
  const [{ nonce }] = heard.hellos;
  assert.match(nonce, /^[0-9a-f]{32}$/);
  assert.deepEqual(heard.hellos, [{ ...wire.hello, nonce, cookie: true, storageAccess: true }]);
  assert.deepEqual(heard.origins, ["https://bridge.example"]);
  const asked = (id, name) => ({ ...wire.requests["hands over"], id, text: HELP, saves: false, name });
  assert.deepEqual(heard.requests, [asked(0, "sid"), asked(1, "cart")]);
  assert.deepEqual([iframes.length, iframes[0].src, iframes[0].hidden], [1, BRIDGE, true]);
});

test("only a yes to a session's own question counts", async () => {
  for (const no of [false, undefined, null, 1, "true"]) {
    pageWith(({ id, name }) => answer(id, name === "cart" ? true : no));
    assert.deepEqual(await mayLoad(BRIDGE, HELP, ["sid", "cart", "third"]), ["cart"]);
    closePage();
  }
  pageWith(({ id }) => ({ ...wire.replies.failed, id }));
  assert.deepEqual(await mayLoad(BRIDGE, HELP, ["sid"]), []);
});

test("answers to other questions, notices and second answers count nothing", async () => {
  pageWith(({ id, name }) => [
    wire.notices.decided,
    wire.notices.changed,
    answer(7, true),
    answer(String(id), true),
    ...(name === "sid" ? [answer(id, false), answer(id, true)] : [answer(id, true)]),
  ]);
  assert.deepEqual(await mayLoad(BRIDGE, HELP, ["sid", "cart"]), ["cart"]);
});

test("without the welcome to its own hello, nothing is asked", async () => {
  const { heard } = pageWith(
    ({ id }) => answer(id, true),
    () => wire.welcome,
  );
  assert.equal(await soon(mayLoad(BRIDGE, HELP, ["sid"])), "nothing");
  assert.deepEqual([heard.hellos.length, heard.requests.length], [1, 0]);
});

test("a bridge of another version is an end at once", async () => {
  for (const greeting of [({ nonce }) => ({ ...wire.welcome, nonce, v: 2 }), () => ({ ...wire.incompatible, v: 2 }), () => ({})]) {
    pageWith(({ id }) => answer(id, true), greeting);
    assert.match(await soon(mayLoad(BRIDGE, HELP, ["sid"])), /version/);
    closePage();
  }
});

test("where there is no bridge, there is no answer", async () => {
  openPage("https://shop.example/.well-known/cookie-bridge.html");
  assert.equal(await soon(mayLoad(BRIDGE, HELP, ["sid"])), "nothing");
});
