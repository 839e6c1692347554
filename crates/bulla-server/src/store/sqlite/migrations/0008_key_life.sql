-- Where in its life a key is follows from the time. A change is made only on the revision that it was decided on.

CREATE TABLE signing_key_set (
    only_row     INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    revision     INTEGER NOT NULL,
    algorithm    TEXT    NOT NULL,               -- what new keys are for
    wanted_since INTEGER NOT NULL
) STRICT;

INSERT INTO signing_key_set (only_row, revision, algorithm, wanted_since)
    SELECT 1, 1, algorithm, created_at FROM signing_keys WHERE state = 'active' LIMIT 1;

CREATE TABLE signing_key_life (
    key_id     TEXT    NOT NULL PRIMARY KEY,
    algorithm  TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    signs_from INTEGER,                          -- NULL: not decided yet
    wrapped    BLOB,                             -- AES-256-GCM under the master key; NULL: removed
    removed_at INTEGER,
    removal    TEXT CHECK (removal IN ('retired', 'revoked')),
    CHECK ((wrapped IS NULL) = (removed_at IS NOT NULL)),
    CHECK ((removed_at IS NULL) = (removal IS NULL))
) STRICT;

INSERT INTO signing_key_life (key_id, algorithm, created_at, signs_from, wrapped)
    SELECT key_id, algorithm, created_at, CASE state WHEN 'active' THEN created_at END, wrapped
    FROM signing_keys WHERE state IN ('active', 'next');

DROP TABLE signing_keys;
ALTER TABLE signing_key_life RENAME TO signing_keys;
