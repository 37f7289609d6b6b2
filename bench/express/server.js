// The bridge server's two busiest routes, as one would write them with Express and better-sqlite3.
//
// It does the same for a request: it verifies the same signed reference and keeps the latest save. It leaves out what the bridge server does
// beside that: encryption, the policy of origins, limits, a log, metrics.
//
// node server.js <database> <reference key, hex> <journal mode> <synchronous>

const crypto = require("node:crypto");
const Database = require("better-sqlite3");
const express = require("express");

const [file, hexKey, journalMode, synchronous] = process.argv.slice(2);
const key = Buffer.from(hexKey, "hex");

const db = new Database(file);
db.pragma(`journal_mode = ${journalMode}`);
db.pragma(`synchronous = ${synchronous}`);
db.exec(`CREATE TABLE IF NOT EXISTS session (
  customer TEXT NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL, expires INTEGER NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (customer, name)
) WITHOUT ROWID`);
const select = db.prepare("SELECT at, value FROM session WHERE customer = ? AND name = ? AND expires > ?");
const upsert = db.prepare(`INSERT INTO session (customer, name, at, expires, value) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET at = excluded.at, expires = excluded.expires, value = excluded.value WHERE excluded.at >= at`);

const MAX_AGE = 30 * 24 * 60 * 60 * 1000;

// The customer's id, or undefined.
function customerOf(reference) {
  const signed = reference.slice(0, reference.lastIndexOf("."));
  const mac = Buffer.from(reference.slice(signed.length + 1), "base64url");
  const expected = crypto.createHmac("sha256", key).update(signed).digest();
  if (mac.length !== expected.length || !crypto.timingSafeEqual(mac, expected)) return undefined;
  const [version, id, expires] = signed.split(".");
  if (version !== "v1" || Number(expires) * 1000 <= Date.now()) return undefined;
  return Buffer.from(id, "base64url").toString();
}

const app = express();
// The bridge server answers without them, too.
app.disable("etag");
app.disable("x-powered-by");
app.use(express.json({ type: () => true, limit: "16kb" }));

app.post("/session/load", (request, response) => {
  const { reference, name } = request.body;
  const customer = customerOf(reference);
  if (customer === undefined) return response.status(401).json({ code: "reference-invalid" });
  const now = Date.now();
  const row = select.get(customer, name, now);
  response.json(row ? { value: row.value, age: now - row.at } : { value: null });
});

app.post("/session/save", (request, response) => {
  const { reference, name, value, age = 0 } = request.body;
  const customer = customerOf(reference);
  if (customer === undefined) return response.status(401).json({ code: "reference-invalid" });
  const at = Date.now() - age;
  const { changes } = upsert.run(customer, name, at, at + MAX_AGE, value);
  if (changes === 0) return response.status(409).json({ code: "session-superseded" });
  response.json({ saved: true });
});

const server = app.listen(0, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
