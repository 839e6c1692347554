-- Services that ask for tokens in their own name.

CREATE TABLE clients (
    id              TEXT    NOT NULL PRIMARY KEY,
    name            TEXT    NOT NULL UNIQUE,
    secret          BLOB    CHECK (length(secret) = 32),       -- SHA-256
    older_secret    BLOB    CHECK (length(older_secret) = 32),
    older_ends_at   INTEGER,
    public_keys     TEXT,                                      -- JWK set, instead of a secret
    scopes          TEXT    NOT NULL,                          -- JSON array
    audiences       TEXT    NOT NULL,                          -- JSON array; empty: everybody's
    access_lifetime INTEGER,                                   -- seconds; NULL: everybody's
    epoch           INTEGER NOT NULL,
    disabled_at     INTEGER,
    created_at      INTEGER NOT NULL,
    CHECK ((secret IS NULL) <> (public_keys IS NULL)),
    CHECK ((older_secret IS NULL) = (older_ends_at IS NULL)),
    CHECK (older_secret IS NULL OR secret IS NOT NULL)
) STRICT;
