import assert from "node:assert/strict";
import { test } from "node:test";
import { alone, embedded, tested } from "../examples.js";
import { bridge, UNANSWERED } from "./bridge.js";
import { cookie, ONLY_EMBEDDED } from "./cookie.js";
import { jar } from "./jar.js";
import { link } from "./link.js";
import { popup, popupEnded, popupFailed } from "./popup.js";
import { storageAccess } from "./storage-access.js";

const HAS_IT = { isThere: true, isForbidden: false };

test("while the bridge does not answer, nothing is known of any way", () => {
  for (const state of [embedded({ test: tested("unreachable") }), alone({ test: undefined })]) {
    for (const check of [cookie, popup, link]) assert.equal(check(state), UNANSWERED);
    assert.equal(storageAccess(state, HAS_IT), UNANSWERED);
    assert.match(jar(state).found, /^unreachable/);
    assert.equal(bridge(state).status, "bad");
  }
});

test("the bridge's silence is explained by its code", () => {
  const { found, todo } = bridge(embedded({ test: tested("unreachable", { code: "iframe-forbidden" }) }));
  assert.equal(found, "The bridge does not answer (iframe-forbidden).");
  assert.match(todo, /frame-src/);
  assert.match(bridge(embedded({ hasScript: false, test: undefined })).found, /cookie-provider\.js did not load/);
});

test("the jar is judged for the domain, and on the bridge's own site says nothing of it", () => {
  const statusOf = (state) => jar(state).status;
  assert.equal(statusOf(embedded()), "good");
  assert.equal(statusOf(alone()), "not known");
  assert.equal(statusOf(alone({ test: tested("blocked") })), "bad");
  assert.match(jar(embedded({ test: tested("partitioned") })).found, /^partitioned: .* is seen only here\.$/);
  assert.match(jar(embedded({ test: tested("blocked") })).found, /^blocked: .* is discarded by the browser\.$/);
  assert.match(jar(embedded({ test: tested("blocked", { readable: true }) })).found, /^blocked, but readable/);
});

test("the cookie works by itself only in a jar that no permission opened", () => {
  assert.equal(cookie(alone()), ONLY_EMBEDDED);
  assert.equal(cookie(embedded()).status, "good");
  assert.equal(cookie(embedded({ via: "storage-access" })).status, "bad");
  assert.equal(cookie(embedded({ test: tested("partitioned") })).status, "bad");
  assert.equal(cookie(embedded({ test: tested("blocked", { readable: true }) })).status, "attention");
});

test("storage access depends on the browser first, then on the policy, then on the jar", () => {
  const asked = embedded({ test: tested("partitioned", { canRequestAccess: true }) });
  assert.match(storageAccess(asked, { isThere: false, isForbidden: true }).found, /cannot ask/);
  assert.match(storageAccess(asked, { isThere: true, isForbidden: true }).found, /Permissions-Policy/);
  assert.equal(storageAccess(asked, HAS_IT).status, "attention");
  assert.equal(storageAccess(alone(), HAS_IT), ONLY_EMBEDDED);
  assert.equal(storageAccess(embedded(), HAS_IT).status, "good");
  assert.equal(storageAccess(embedded({ test: tested("partitioned") }), HAS_IT).status, "bad");
  const afterVisit = storageAccess(embedded({ test: tested("partitioned", { code: "access-needs-visit" }) }), HAS_IT);
  assert.equal(afterVisit.status, "attention");
  assert.match(afterVisit.todo, /continueSession\(\{ confirm, accessElement \}\)/);
});

test("a popup works, is refused or fails", () => {
  assert.equal(popup(embedded()).status, "not known");
  assert.deepEqual([popupEnded(true, true).popup, popupEnded(true, true).finding.status], ["works", "good"]);
  assert.deepEqual([popupEnded(false, true).popup, popupEnded(false, true).finding.status], ["refused", "bad"]);
  const failed = popupFailed(Object.assign(new Error(), { code: "popup-blocked" }));
  assert.equal(failed.popup, "failed");
  assert.match(failed.finding.todo, /^Allow popups/);
});
