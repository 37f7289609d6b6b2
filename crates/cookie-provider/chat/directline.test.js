import assert from "node:assert/strict";
import { test } from "node:test";
import { directLine } from "./directline.js";

const KNOWN = '{"conversationId":"c","token":"t"}';

/** The library: its connections, of which each test says what happens. */
const library = () => {
  const connections = [];
  class DirectLine {
    #fail = [];
    posted = [];
    isEnded = false;

    constructor(options) {
      connections.push(this);
      this.options = options;
      this.conversationId = options.conversationId;
      this.connectionStatus$ = { subscribe: (next, fail) => this.#fail.push(fail) && (this.online = () => next(2)) };
      this.activity$ = { subscribe: (next, fail) => this.#fail.push(fail) };
    }

    postActivity(activity) {
      this.posted.push(activity);
      return "observable";
    }

    end() {
      this.isEnded = true;
    }

    fail(status) {
      for (const fail of this.#fail) fail({ status });
    }
  }
  return { DirectLine, connections };
};

const settle = () => new Promise((resolve) => setTimeout(resolve));

const attached = (options) => {
  const { DirectLine, connections } = library();
  const saved = [];
  const bridge = {
    saved,
    ends: 0,
    save: (session) => saved.push(JSON.parse(session)),
    async end() {
      bridge.ends++;
    },
  };
  const chat = directLine({ DirectLine: { DirectLine }, token: async () => "fresh", onConnection() {}, ...options });
  return { chat, bridge, connections, DirectLine };
};

test("the class will do in place of the script's global", async () => {
  const { DirectLine, connections } = library();
  directLine({ DirectLine, token: "t", onConnection() {} }).start(null, {});
  await settle();
  assert.equal(connections[0].options.token, "t");
});

test("a known conversation is connected to by polling, and the page's other options are handed on", async () => {
  const { chat, bridge, connections } = attached({ domain: "https://bot.example" });
  chat.start(KNOWN, bridge);
  await settle();
  assert.deepEqual(connections[0].options, { webSocket: false, domain: "https://bot.example", token: "t", conversationId: "c" });
});

test("a session of another chat system is stale", async () => {
  for (const session of ["session-of-maja", "null", "{}", '{"conversationId":1,"token":"t"}', '{"conversationId":"c"}']) {
    const { chat, bridge, connections } = attached();
    assert.equal(await chat.start(session, bridge), false, session);
    assert.deepEqual(connections, []);
  }
});

test("a conversation is saved once the visitor has spoken, and not for a greeting", async () => {
  const { chat, bridge, connections } = attached();
  chat.start(null, bridge);
  await settle();
  const [line] = connections;
  line.conversationId = "new";
  line.token = "second";
  assert.equal(line.postActivity({ type: "event" }), "observable");
  assert.deepEqual(bridge.saved, []);
  line.postActivity({ type: "message" });
  assert.deepEqual(bridge.saved, [{ conversationId: "new", token: "second" }]);
  line.postActivity({ type: "message" });
  assert.equal(bridge.saved.length, 1, "nothing has changed");
  line.token = "third";
  assert.deepEqual(bridge.saved[1], { conversationId: "new", token: "third" });
  assert.equal(line.token, "third");
  assert.equal(line.posted.length, 3);
});

test("only a refusal makes a known conversation stale", async () => {
  for (const status of [401, 403, 404]) {
    const { chat, bridge, connections } = attached();
    const started = chat.start(KNOWN, bridge);
    await settle();
    connections[0].fail(status);
    assert.equal(await started, false, String(status));
  }
  const { chat, bridge, connections } = attached();
  const started = chat.start(KNOWN, bridge);
  await settle();
  connections[0].fail(500);
  await assert.rejects(started, /answers 500$/);
});

test("a connection that is online is no failure", async () => {
  const { chat, bridge, connections } = attached();
  const started = chat.start(KNOWN, bridge);
  await settle();
  connections[0].online();
  assert.equal(await started, undefined);
});

test("another token for the same conversation needs no new connection", async () => {
  const { chat, bridge, connections } = attached();
  chat.start(KNOWN, bridge);
  await settle();
  await chat.follow('{"conversationId":"c","token":"next"}', bridge);
  assert.equal(connections.length, 1);
  assert.equal(connections[0].token, "next");
  assert.deepEqual(bridge.saved, [], "the other page has saved it");
});

test("another conversation takes the place of the one before, which saves nothing any more", async () => {
  const { chat, bridge, connections } = attached();
  chat.start(KNOWN, bridge);
  await settle();
  chat.follow('{"conversationId":"d","token":"u"}', bridge);
  await settle();
  const [before, after] = connections;
  assert.ok(before.isEnded);
  assert.equal(after.options.conversationId, "d");
  before.token = "late";
  assert.deepEqual(bridge.saved, []);
});

test("a conversation that is followed and refused is ended, and a new one begins", async () => {
  const { chat, bridge, connections } = attached();
  chat.follow(KNOWN, bridge);
  await settle();
  connections[0].fail(404);
  await settle();
  assert.equal(bridge.ends, 1);
  assert.deepEqual([connections[1].options.token, connections[1].options.conversationId], ["fresh", undefined]);
});
