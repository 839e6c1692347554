-- What clients signed to prove themselves, until it is over: each is good once.

CREATE TABLE client_assertions (
    client TEXT    NOT NULL,
    id     BLOB    NOT NULL CHECK (length(id) = 32),           -- SHA-256 of its jti
    until  INTEGER NOT NULL,
    PRIMARY KEY (client, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX client_assertions_until ON client_assertions (until);
