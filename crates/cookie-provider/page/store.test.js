import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { createStore } from "./store.js";

const SERVER = "https://bridge.example/api/";

let told;
const tell = (event, fields) => told.push([event, fields]);
beforeEach(() => {
  told = [];
});

/** The server answers with this; `calls` has the requests. */
const answering = (answer) => {
  globalThis.fetch = mock.fn(answer);
  return globalThis.fetch.mock;
};
const json = (data, status) => () => Promise.resolve(Response.json(data, { status }));
const requestOf = ({ arguments: [url, options] }) => ({ url: url.href, ...JSON.parse(options.body) });

const until = async (isDone) => {
  while (!isDone()) await new Promise((resolve) => setTimeout(resolve));
};

/** One question, and what the core is told. */
const ask = async (options, request) => {
  createStore("chat", { server: SERVER, ...options }, tell).ask({ kind: "load", id: 1, ...request });
  await until(() => told.length === 1);
  return told[0];
};

test("a question has no cookies and needs no preflight", async () => {
  const asked = answering(json({}));
  await ask({ reference: "r" });
  const [, { method, body, headers, credentials }] = asked.calls[0].arguments;
  assert.deepEqual([method, typeof body, headers, credentials], ["POST", "string", undefined, "omit"]);
});

test("a question has the session's name, the reference, the age and the lifetime", async () => {
  const asked = answering(json({}));
  await ask({ reference: "r", maxAge: 90 }, { kind: "save", value: "session", since: Date.now() - 5000, maxAge: 60 });
  const { age, ...request } = requestOf(asked.calls[0]);
  assert.deepEqual(request, { url: SERVER + "session/save", name: "chat", reference: "r", value: "session", maxAge: 60 });
  assert.ok(age >= 5000 && age < 60000, `${age} ms`);
});

test("a session without a time is new, and what the page did not pass is not sent", async () => {
  const asked = answering(json({}));
  await ask({ reference: "r" });
  assert.deepEqual(requestOf(asked.calls[0]), { url: SERVER + "session/load", name: "chat", reference: "r", age: 0 });
});

test("the page's function is asked for a reference each time", async () => {
  const asked = answering(json({}));
  const reference = mock.fn(async () => "fresh");
  const store = createStore("chat", { server: SERVER, reference }, tell);
  store.ask({ kind: "load", id: 1 });
  store.ask({ kind: "load", id: 2 });
  await until(() => told.length === 2);
  assert.equal(reference.mock.callCount(), 2);
  assert.deepEqual(
    asked.calls.map((request) => requestOf(request).reference),
    ["fresh", "fresh"],
  );
});

test("an answer is told as it is, with whether the server could help", async () => {
  answering(json({ value: "session" }));
  assert.deepEqual(await ask(), ["server-answered", { id: 1, isOk: true, data: { value: "session" } }]);
  told = [];
  answering(json({ code: "reference-expired" }, 403));
  assert.deepEqual(await ask(), ["server-answered", { id: 1, isOk: false, data: { code: "reference-expired" } }]);
});

test("JSON that is no object is no answer", async () => {
  for (const data of [null, "session", 1]) {
    told = [];
    answering(json(data));
    const [, { isOk }] = await ask();
    assert.equal(isOk, false, String(data));
  }
});

test("no answer, one that is no JSON, and a reference that cannot be had are all told as none", async () => {
  const failing = async () => {
    throw new TypeError("no");
  };
  for (const [answer, reference] of [
    [failing, "r"],
    [async () => new Response("<!DOCTYPE html>"), "r"],
    [json({}), failing],
  ]) {
    told = [];
    answering(answer);
    assert.deepEqual(await ask({ reference }), ["server-answered", { id: 1, isOk: false, data: undefined }]);
  }
});

test("one question waits for the one before, also for one that fails", async () => {
  const events = [];
  const answers = [];
  answering((url) => {
    events.push(url.pathname);
    return new Promise((resolve, reject) => answers.push({ resolve, reject }));
  });
  const store = createStore("chat", { server: SERVER, reference: "r" }, tell);
  store.ask({ kind: "save", id: 1, value: "session" });
  store.ask({ kind: "load", id: 2 });
  await until(() => answers.length === 1);
  assert.deepEqual(events, ["/api/session/save"]);
  answers[0].reject(new TypeError("no"));
  await until(() => answers.length === 2);
  answers[1].resolve(Response.json({}));
  await until(() => told.length === 2);
  assert.deepEqual(
    told.map(([, { id, isOk }]) => [id, isOk]),
    [
      [1, false],
      [2, true],
    ],
  );
});

test("the console says which origin the page's policy needs", (context) => {
  const { mock: shown } = context.mock.method(console, "warn", () => {});
  createStore("chat", { server: SERVER }, tell).warnOfConnectSrc();
  assert.match(shown.calls[0].arguments[0], /add https:\/\/bridge\.example to connect-src/);
});
