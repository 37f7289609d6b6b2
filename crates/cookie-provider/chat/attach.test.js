import assert from "node:assert/strict";
import { test } from "node:test";
import { OWN_SESSION, REMOVE_OWN_SESSION } from "../page/cookies.js";
import { attachChat } from "./attach.js";

globalThis.document = new EventTarget();

const NOTHING = { loaded: false, value: null, via: "cookie", jar: "shared", code: null };

/** A provider whose page has this cookie, and whose bridge answers with this. */
class FakeProvider {
  calls = [];
  #listeners = {};

  constructor(own, answer = NOTHING) {
    this.own = own;
    this.answer = answer;
  }

  async loadCookie() {
    this.calls.push("load");
    const answer = await this.answer;
    if (answer.loaded) this.own = answer.value;
    return answer;
  }

  async saveCookie(session) {
    this.calls.push(`save ${session}`);
    if (session !== undefined) this.own = session;
  }

  async clearCookie() {
    this.calls.push("clear");
    this.own = null;
  }

  async continueSession() {
    return this.answer;
  }

  on(type, listener) {
    this.#listeners[type] = listener;
  }

  emit(type, value) {
    this.#listeners[type]({ value });
    return settle();
  }

  [OWN_SESSION]() {
    return this.own;
  }

  [REMOVE_OWN_SESSION]() {
    this.calls.push("remove own");
    this.own = null;
  }
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

/** A chat that notes with what it is started and what it follows. */
const noting = (more) => {
  const chat = {
    notes: [],
    start(session) {
      chat.notes.push(["start", session]);
    },
    follow(session) {
      chat.notes.push(["follow", session]);
    },
    ...more,
  };
  return chat;
};

/** An attached chat that has started. */
const attached = async (provider, chat = noting(), wait = 0) => {
  const bridge = attachChat(provider, chat, { wait });
  await settle();
  return { provider, chat, bridge };
};

test("a chat starts with the session that the bridge brought", async () => {
  const { chat } = await attached(new FakeProvider(null, { ...NOTHING, loaded: true, value: "a" }));
  assert.deepEqual(chat.notes, [["start", "a"]]);
});

test("a chat starts with the page's own session if the bridge has none, or fails", async () => {
  const failing = Promise.reject(new Error("no"));
  failing.catch(() => {});
  for (const answer of [NOTHING, failing]) {
    const { chat } = await attached(new FakeProvider("own", answer));
    assert.deepEqual(chat.notes, [["start", "own"]]);
  }
});

test("a chat starts even if nobody answers, and follows what comes later", async () => {
  let answer;
  const provider = new FakeProvider(null, new Promise((resolve) => (answer = resolve)));
  const { chat } = await attached(provider);
  assert.deepEqual(chat.notes, [["start", null]]);
  answer({ ...NOTHING, loaded: true, value: "late" });
  await settle();
  assert.deepEqual(chat.notes.slice(1), [["follow", "late"]]);
});

test("the own session of a chat that sets no cookie is dropped only where the bridge is sure that it was ended", async () => {
  const sure = { ...NOTHING, jar: "shared" };
  for (const [answer, expected] of [
    [sure, null],
    [{ ...sure, jar: "partitioned" }, "own"],
    [{ ...sure, via: "local" }, "own"],
    [{ ...sure, code: "session-lost" }, "own"],
  ]) {
    const { chat } = await attached(new FakeProvider("own", answer), noting({ setsNoCookie: true }), 1000);
    assert.deepEqual(chat.notes, [["start", expected]], JSON.stringify(answer));
  }
  const { chat } = await attached(new FakeProvider("own", sure), noting(), 1000);
  assert.deepEqual(chat.notes, [["start", "own"]], "the widget sets the cookie");
});

test("a session that the chat system refuses is ended everywhere, and the chat starts without one", async () => {
  const chat = noting({
    async start(session) {
      chat.notes.push(["start", session]);
      return false;
    },
  });
  const { provider } = await attached(new FakeProvider("stale"), chat);
  assert.deepEqual(chat.notes, [
    ["start", "stale"],
    ["start", null],
  ]);
  assert.ok(provider.calls.includes("clear"));
});

test("a change is followed once, with the page's own cookie", async () => {
  const { provider, chat } = await attached(new FakeProvider("a"));
  provider.answer = { ...NOTHING, loaded: true, value: "b" };
  await provider.emit("change", "b");
  await provider.emit("loaded", "b");
  await provider.emit("change", null);
  assert.deepEqual(chat.notes.slice(1), [
    ["follow", "b"],
    ["follow", null],
  ]);
  assert.equal(provider.own, null);
});

test("what the chat itself saves or ends is not followed", async () => {
  const { provider, chat, bridge } = await attached(new FakeProvider(null));
  bridge.save("mine");
  await provider.emit("change", "mine");
  bridge.end();
  await provider.emit("change", null);
  assert.equal(chat.notes.length, 1);
  assert.deepEqual(provider.calls.slice(1), ["save mine", "clear"]);
});

test("a save without a session means the page's own cookie", async () => {
  const { provider, chat, bridge } = await attached(new FakeProvider(null));
  provider.own = "set by the widget";
  bridge.save();
  await provider.emit("change", "set by the widget");
  assert.equal(chat.notes.length, 1);
});

test("the chat goes on with what the popup brings", async () => {
  const { provider, chat, bridge } = await attached(new FakeProvider(null));
  provider.answer = { ...NOTHING, loaded: true, value: "elsewhere", via: "popup" };
  assert.equal((await bridge.continueSession()).via, "popup");
  assert.deepEqual(chat.notes.slice(1), [["follow", "elsewhere"]]);
});

test("a chat that throws breaks nothing, and need not follow", async (context) => {
  const { mock: shown } = context.mock.method(console, "error", () => {});
  const cause = new Error("the chat's");
  const fail = () => {
    throw cause;
  };
  const { provider } = await attached(new FakeProvider(null), { start: fail, follow: fail });
  await provider.emit("change", "a");
  assert.deepEqual(
    shown.calls.map((call) => call.arguments),
    [[cause], [cause]],
  );
  const { provider: another } = await attached(new FakeProvider(null), { start() {} });
  await another.emit("change", "a");
  assert.equal(shown.callCount(), 2);
});
