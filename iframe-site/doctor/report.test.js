import assert from "node:assert/strict";
import { test } from "node:test";
import { alone, embedded } from "./examples.js";
import { bad, good } from "./finding.js";
import { writeReport } from "./report.js";

const facts = {
  date: new Date(0),
  place: embedded().place,
  domain: "https://shop.example",
  browser: "Browser/1.0",
  summary: "All is well.",
  findings: [
    { title: "Secure connection", ...good("It is.") },
    { title: "Cookie jar", ...bad("It is not.", "Change it.") },
  ],
};

test("a report has where it was made and every finding with what to do", () => {
  assert.equal(
    writeReport(facts),
    `Cookie Bridge: doctor
Date: 1970-01-01T00:00:00.000Z
Page: https://bridge.example/doctor.html
Embedded in: https://shop.example
Domain: https://shop.example
Browser: Browser/1.0
Summary: All is well.

[good] Secure connection
  It is.

[bad] Cookie jar
  It is not.
  What to do: Change it.`,
  );
});

test("what is not known is called so", () => {
  const hidden = { ...facts.place, host: undefined };
  assert.match(writeReport({ ...facts, place: hidden, domain: undefined }), /^Embedded in: not known\nDomain: not known$/m);
  assert.match(writeReport({ ...facts, place: alone().place }), /^Embedded in: nothing, opened as a page of its own$/m);
});
