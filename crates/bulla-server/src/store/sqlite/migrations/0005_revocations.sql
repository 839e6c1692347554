-- A revocation hits a token, session, subject, client or signing key: by kind and key.

CREATE TABLE revocation_log (
    sequence  INTEGER PRIMARY KEY AUTOINCREMENT,
    kind      TEXT    NOT NULL CHECK (kind IN ('jti', 'sid', 'sub', 'client', 'kid')),
    key       BLOB    NOT NULL,                  -- 16 bytes of a session, else text in UTF-8
    min_epoch INTEGER,                           -- of a subject; NULL: no epoch is good
    until     INTEGER NOT NULL,
    CHECK (min_epoch IS NULL OR kind = 'sub')
) STRICT;

INSERT INTO revocation_log (sequence, kind, key, min_epoch, until)
    SELECT sequence, CASE WHEN subject IS NULL THEN 'sid' ELSE 'sub' END, coalesce(session, CAST(subject AS BLOB)), min_epoch, until
    FROM revocations;

-- The numbers of rows that were purged before do not come again either.
DELETE FROM sqlite_sequence WHERE name = 'revocation_log';
INSERT INTO sqlite_sequence (name, seq) SELECT 'revocation_log', seq FROM sqlite_sequence WHERE name = 'revocations';

DROP TABLE revocations;
ALTER TABLE revocation_log RENAME TO revocations;

CREATE INDEX revocations_until ON revocations (until);
