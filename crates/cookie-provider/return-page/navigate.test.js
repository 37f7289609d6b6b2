import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { closePage, openPage } from "./fake_page.js";
import { go, leave } from "./navigate.js";

const PAGE = "https://help.example/.well-known/cookie-bridge.html";

afterEach(closePage);

test("nothing of the page's own cuts off the way on", () => {
  const { did } = openPage(PAGE);
  go("https://shop.example/");
  assert.deepEqual(did, ["stop", "replace https://shop.example/"]);
});

test("the way out is back, or to the start page if the browser does not go back", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { did } = openPage(PAGE);
  leave();
  context.mock.timers.tick(999);
  assert.deepEqual(did, ["stop", "back"]);
  context.mock.timers.tick(1);
  assert.deepEqual(did, ["stop", "back", "stop", "replace https://help.example/"]);
});

test("without a page before, the way out is to the start page", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { did } = openPage(PAGE, { before: 1 });
  leave();
  context.mock.timers.tick(5000);
  assert.deepEqual(did, ["stop", "replace https://help.example/"]);
});
