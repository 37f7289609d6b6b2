import assert from "node:assert/strict";
import { test } from "node:test";
import { gather } from "./transcript.js";

const item = (Id, second, Content = Id) => ({ Id, AbsoluteTime: `2025-01-01T00:00:0${second}.000Z`, Content });

/** A session of ChatJS's whose service has these pages, the last one first; and what is told of it. */
const gathering = (...pages) => {
  const heard = {};
  const chat = { pages, asked: [], shown: [], fetched: 0, failures: [], isCurrent: true };
  const listen = (name) => (handle) => (heard[name] = handle);
  const joined = {
    async getTranscript(asked) {
      chat.asked.push(asked);
      const at = Number(asked.nextToken ?? 0);
      if (chat.pages[at] instanceof Error) throw chat.pages[at];
      return { data: { Transcript: chat.pages[at], NextToken: chat.pages[at + 1] && String(at + 1) } };
    },
    onConnectionEstablished: listen("established"),
    onDeepHeartbeatSuccess: listen("heartbeat"),
    onMessage: listen("message"),
  };
  gather(
    joined,
    () => chat.isCurrent,
    (items) => chat.shown.push(items.map(({ Content }) => Content).join(" ")),
    () => chat.fetched++,
    (error) => chat.failures.push(error.message),
  );
  const settle = () => new Promise((resolve) => setTimeout(resolve));
  const happen = (name, event) => {
    heard[name](event);
    return settle();
  };
  return { chat, happen, heard, settle };
};

test("with a new socket, all pages are fetched and shown in order", async () => {
  const { chat, happen } = gathering([item("c", 3)], [item("b", 2)], [item("a", 1)]);
  await happen("established");
  assert.deepEqual(chat.shown, ["a b c"]);
  assert.equal(chat.fetched, 1);
  assert.deepEqual(
    chat.asked.map(({ nextToken }) => nextToken),
    [undefined, "1", "2"],
  );
});

test("the service's first answer, without a socket, is no reason to ask", async () => {
  const { chat, happen } = gathering([item("a", 1)]);
  await happen("established", { connectSuccess: true });
  assert.deepEqual(chat.asked, []);
});

test("the first heartbeat after each new socket asks once more", async () => {
  const { chat, happen } = gathering([]);
  for (const event of ["established", "heartbeat", "heartbeat", "established", "heartbeat"]) await happen(event);
  assert.equal(chat.asked.length, 4);
});

test("a live message waits for those before it, and takes its place by time, once", async () => {
  const { chat, happen } = gathering([item("a", 1), item("c", 3)]);
  await happen("message", { data: item("b", 2) });
  assert.deepEqual(chat.shown, []);
  await happen("established");
  await happen("message", { data: item("c", 3, "changed") });
  assert.deepEqual(chat.shown, ["a b c", "a b changed"]);
});

test("what has no number is nothing that was said", async () => {
  const { chat, happen } = gathering([item("a", 1)]);
  await happen("established");
  await happen("message", {});
  await happen("message", { data: { Content: "made up", AbsoluteTime: "" } });
  assert.deepEqual(new Set(chat.shown), new Set(["a"]));
});

test("a request that is running is not repeated, but what happens meanwhile asks once more", async () => {
  const { chat, heard, settle } = gathering([item("a", 1)]);
  for (let times = 0; times < 3; times++) heard.established();
  await settle();
  assert.equal(chat.asked.length, 2);
});

test("a failure is told, and the next socket tries again", async () => {
  const { chat, happen } = gathering(new Error("out of reach"));
  await happen("established");
  chat.pages = [[item("a", 1)]];
  await happen("established");
  assert.deepEqual([chat.failures, chat.fetched, chat.shown], [["out of reach"], 1, ["a"]]);
});

test("a session that was left shows and tells nothing", async () => {
  const { chat, heard, happen, settle } = gathering([item("a", 1)], [item("b", 2)]);
  heard.established();
  chat.isCurrent = false;
  await settle();
  await happen("message", { data: item("c", 3) });
  assert.equal(chat.asked.length, 1, "no further page");
  assert.deepEqual([chat.fetched, chat.shown, chat.failures], [0, [], []]);
});

test("a version of ChatJS without heartbeats will do", async () => {
  const listen = () => {};
  gather({ onConnectionEstablished: listen, onMessage: listen }, () => true, undefined, assert.fail, assert.fail);
});
