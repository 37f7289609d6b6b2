import assert from "node:assert/strict";
import { test } from "node:test";
import { alone, embedded } from "./examples.js";
import { describePlace, embeddingLine } from "./place.js";

const inShop = embedded().place;

test("in a frame, the results are those of the page around it", () => {
  assert.match(describePlace(inShop), /visitors of https:\/\/shop\.example get in this browser\.$/);
  assert.match(describePlace({ ...inShop, host: undefined }), /visitors of the page around it get/);
  assert.match(describePlace({ ...inShop, isNested: true }), /the outermost page decides about cookies\.$/);
});

test("as a page of its own, it says so and shows how to embed it", () => {
  assert.match(describePlace(alone().place), /^You have opened this page on its own/);
  assert.equal(embeddingLine(alone().place), '<iframe src="https://bridge.example/doctor.html" width="100%" height="900"></iframe>');
});
