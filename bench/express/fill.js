// Fills the bridge server's database up to a number of sessions: copies of one that is there, each of a random customer and with random bytes in
// place of the sealed value. Nobody asks for them; they make the tables as large as that many customers would.
//
// node fill.js <database> <sessions>

const Database = require("better-sqlite3");

const [file, sessions] = process.argv.slice(2);
const db = new Database(file, { fileMustExist: true, timeout: 30000 });
db.pragma("cache_size = -1000000");

const missing = Number(sessions) - db.prepare("SELECT count(*) FROM session").pluck().get();
if (missing > 0) {
  db.prepare(`INSERT INTO session (subject, name, at, expires, sealed)
    WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?)
    SELECT randomblob(32), name, at, expires - abs(random() % 86400000), randomblob(length(sealed))
    FROM number CROSS JOIN (SELECT * FROM session LIMIT 1)`).run(missing);
}
// So that nothing of it is left to be written while the server is measured.
const [{ busy }] = db.pragma("wal_checkpoint(TRUNCATE)");
if (busy) throw new Error("the database is in use");
