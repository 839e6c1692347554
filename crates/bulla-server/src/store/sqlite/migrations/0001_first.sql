-- Times are milliseconds since 1970 (UTC). JSON is text.

CREATE TABLE accounts (
    id              TEXT    NOT NULL PRIMARY KEY,
    email           TEXT,
    email_folded    TEXT    UNIQUE,
    username        TEXT,
    username_folded TEXT    UNIQUE,
    name            TEXT,
    password        TEXT    NOT NULL,            -- Argon2id, PHC form
    roles           TEXT    NOT NULL,            -- JSON array
    plan            TEXT    NOT NULL,
    claims          TEXT    NOT NULL,            -- JSON object
    epoch           INTEGER NOT NULL,
    disabled_at     INTEGER,
    created_at      INTEGER NOT NULL,
    CHECK ((email IS NULL) = (email_folded IS NULL)),
    CHECK ((username IS NULL) = (username_folded IS NULL)),
    CHECK (email IS NOT NULL OR username IS NOT NULL)
) STRICT;

CREATE TABLE sessions (
    id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    account       TEXT    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    nonce         BLOB    NOT NULL CHECK (length(nonce) = 32),
    newest        INTEGER NOT NULL,
    handed_out_at INTEGER NOT NULL,
    settled       INTEGER NOT NULL CHECK (settled <= newest),
    created_at    INTEGER NOT NULL,
    last_used_at  INTEGER NOT NULL,
    absolute_end  INTEGER NOT NULL,
    user_agent    TEXT,
    address       TEXT,
    name          TEXT,
    ended_at      INTEGER,
    end_reason    TEXT,
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_of_account ON sessions (account, created_at);
CREATE INDEX sessions_live ON sessions (account, created_at) WHERE ended_at IS NULL;
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX sessions_absolute_end ON sessions (absolute_end);

CREATE TABLE signing_keys (
    key_id     TEXT    NOT NULL PRIMARY KEY,
    algorithm  TEXT    NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('next', 'active', 'retiring', 'retired')),
    wrapped    BLOB    NOT NULL,                 -- AES-256-GCM under the master key
    created_at INTEGER NOT NULL
) STRICT;

-- AUTOINCREMENT: the numbers of purged rows never come again.
CREATE TABLE revocations (
    sequence  INTEGER PRIMARY KEY AUTOINCREMENT,
    session   BLOB,
    subject   TEXT,
    min_epoch INTEGER,                           -- of a subject; NULL: no epoch is good
    until     INTEGER NOT NULL,
    CHECK ((session IS NULL) <> (subject IS NULL))
) STRICT;

CREATE INDEX revocations_until ON revocations (until);

-- One row: the longest that any access token was ever allowed to live, in milliseconds. Revocations
-- outlive tokens from before the lifetime was shortened.
CREATE TABLE access_lifetime (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    longest  INTEGER NOT NULL
) STRICT;

INSERT INTO access_lifetime (only_row, longest) VALUES (1, 0);

-- Outlives the accounts it speaks of.
CREATE TABLE audit_events (
    number  INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    account TEXT    NOT NULL,
    session BLOB,
    address TEXT
) STRICT;

CREATE INDEX audit_events_of_account ON audit_events (account, at);
