-- What a server with schema version 1 wrote: a session of customer 7, and a one-time hand-over code.
-- Only the times of expiry are changed, to the year 2286.
CREATE TABLE session (
        subject BLOB NOT NULL,
        name TEXT NOT NULL,
        at INTEGER NOT NULL,
        expires INTEGER NOT NULL,
        sealed BLOB,
        PRIMARY KEY (subject, name)
    ) WITHOUT ROWID;
INSERT INTO session VALUES(X'7863a49235b05f6a019821a1987f8c0d81ee50777f16449357871953dfb04d16','chat',1795959539854,9999999999999,X'0102afb5a8a2059f014b7f9675ff03e869276bcaa5d750290b97cb39ca3349650a6b9723361eb1367662c6200f0963ac69697742385027121710c7faa3e539b9d9d7');
CREATE TABLE code (hash BLOB PRIMARY KEY, expires INTEGER NOT NULL, sealed BLOB) WITHOUT ROWID;
INSERT INTO code VALUES(X'3ba3f5f43b92602683c19aee62a20342b084dd5971ddd33808d81a328879a547',9999999999999,X'0102afb5a88219830ea7ed525f9dc1406b54ff916d6d613a44a065a06aebd19721b9db616dc26ba15e1786ca0366d6e2ef6ec4d22e83613f7e7554e12ac6e67c290391e1801b1ecad3cfa449139e8e97627b469c9f2bea1dda2263a210228960b97089ebde0e566a0b0d1048a0f20ba765db54e643c2d90a71a890506e4fbe34a2aadd99bbcdd2b7abea616919cc20c9');
CREATE INDEX session_expires ON session (expires);
CREATE INDEX code_expires ON code (expires);
PRAGMA user_version = 1;
