-- Links that are good once: by the hash of their token. A used one is gone.

CREATE TABLE links (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 32),
    purpose    TEXT    NOT NULL CHECK (purpose IN ('register', 'reset_password', 'change_email', 'sign_in')),
    account    TEXT    REFERENCES accounts (id) ON DELETE CASCADE,
    epoch      INTEGER,                          -- the account's, while which it is good
    visitor    TEXT,                             -- who becomes the account that is to be made
    email      TEXT,                             -- of the account that is to be made, or the new one
    username   TEXT,
    name       TEXT,
    password   TEXT,                             -- Argon2id, PHC form
    code       BLOB    CHECK (length(code) = 32),
    attempts   INTEGER NOT NULL,                 -- how often a code may still be tried
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    CHECK ((account IS NULL) = (epoch IS NULL)),
    CHECK ((account IS NULL) = (purpose = 'register')),
    CHECK ((password IS NULL) = (account IS NOT NULL)),
    CHECK ((email IS NULL) = (purpose IN ('reset_password', 'sign_in')))
) STRICT, WITHOUT ROWID;

CREATE INDEX links_of_account ON links (account, created_at) WHERE account IS NOT NULL;
CREATE INDEX links_expires_at ON links (expires_at);

CREATE INDEX audit_events_at ON audit_events (at);

-- REPLACE removes a row without the trigger that keeps it.
CREATE TRIGGER audit_events_are_not_replaced BEFORE INSERT ON audit_events
WHEN EXISTS (SELECT 1 FROM audit_events WHERE number = new.number)
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
