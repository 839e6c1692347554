-- Times are milliseconds since 1970 (UTC). JSON is text. Text that is ordered is ordered by its bytes.

CREATE TABLE accounts (
    id                text COLLATE "C" NOT NULL PRIMARY KEY,
    email             text,
    email_folded      text COLLATE "C" UNIQUE,
    email_likeness    text COLLATE "C" UNIQUE,      -- what it looks like (UTS 39)
    username          text,
    username_folded   text COLLATE "C" UNIQUE,
    username_likeness text COLLATE "C" UNIQUE,
    name              text,
    password          text   NOT NULL,              -- hash, PHC form
    roles             text   NOT NULL,              -- JSON array
    plan              text   NOT NULL,
    claims            text   NOT NULL,              -- JSON object
    epoch             bigint NOT NULL,
    disabled_at       bigint,
    created_at        bigint NOT NULL,
    CHECK ((email IS NULL) = (email_folded IS NULL)),
    CHECK ((email IS NULL) = (email_likeness IS NULL)),
    CHECK ((username IS NULL) = (username_folded IS NULL)),
    CHECK ((username IS NULL) = (username_likeness IS NULL)),
    CHECK (email IS NOT NULL OR username IS NOT NULL)
);

CREATE TABLE sessions (
    id            bytea  NOT NULL PRIMARY KEY CHECK (octet_length(id) = 16),
    account       text COLLATE "C" NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    nonce         bytea  NOT NULL CHECK (octet_length(nonce) = 32),
    newest        bigint NOT NULL,
    handed_out_at bigint NOT NULL,
    settled       bigint NOT NULL CHECK (settled <= newest),
    created_at    bigint NOT NULL,
    last_used_at  bigint NOT NULL,
    absolute_end  bigint NOT NULL,
    user_agent    text,
    address       text,
    name          text,
    ended_at      bigint,
    end_reason    text,
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);

-- A rotation changes no column of an index, so that it can stay on its page: room for the next version is left there.
ALTER TABLE sessions SET (fillfactor = 70);

CREATE INDEX sessions_of_account ON sessions (account, created_at, id);
CREATE INDEX sessions_live ON sessions (account, created_at, id) WHERE ended_at IS NULL;
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX sessions_absolute_end ON sessions (absolute_end);

-- Where in its life a key is follows from the time.
CREATE TABLE signing_keys (
    key_id     text COLLATE "C" NOT NULL PRIMARY KEY,
    algorithm  text   NOT NULL,
    created_at bigint NOT NULL,
    signs_from bigint,                              -- NULL: not decided yet
    wrapped    bytea,                               -- AES-256-GCM under the master key; NULL: removed
    removed_at bigint,
    removal    text CHECK (removal IN ('retired', 'revoked')),
    CHECK ((wrapped IS NULL) = (removed_at IS NOT NULL)),
    CHECK ((removed_at IS NULL) = (removal IS NULL))
);

-- One row, or none before the first key. The keys change only on the revision that the change was decided on.
CREATE TABLE signing_key_set (
    only_row     integer NOT NULL PRIMARY KEY CHECK (only_row = 1),
    revision     bigint  NOT NULL,
    algorithm    text    NOT NULL,                  -- what new keys are for
    wanted_since bigint  NOT NULL
);

-- A revocation hits a token, session, subject, client or signing key: by kind and key.
CREATE TABLE revocations (
    sequence  bigint NOT NULL PRIMARY KEY,
    kind      text   NOT NULL CHECK (kind IN ('jti', 'sid', 'sub', 'client', 'kid')),
    key       bytea  NOT NULL,                      -- 16 bytes of a session, else text in UTF-8
    min_epoch bigint,                               -- of a subject; NULL: no epoch is good
    until     bigint NOT NULL,
    CHECK (min_epoch IS NULL OR kind = 'sub')
);

CREATE INDEX revocations_until ON revocations (until);
CREATE INDEX revocations_of_whole_subject ON revocations (key) WHERE kind = 'sub' AND min_epoch IS NULL;

-- One row, which every transaction that revokes locks last: so the numbers are in the order of the commits, none is
-- skipped, and none comes again. Beside it the longest that any access token was ever allowed to live, in milliseconds:
-- whoever revokes has either waited for a longer one to be noted, or makes its noting wait.
CREATE TABLE revocation_head (
    only_row         integer NOT NULL PRIMARY KEY CHECK (only_row = 1),
    sequence         bigint  NOT NULL,
    longest_lifetime bigint  NOT NULL
);

INSERT INTO revocation_head (only_row, sequence, longest_lifetime) VALUES (1, 0, 0);

-- Links that are good once: by the hash of their token. A used one is gone.
CREATE TABLE links (
    id         bytea   NOT NULL PRIMARY KEY CHECK (octet_length(id) = 32),
    purpose    text    NOT NULL CHECK (purpose IN ('register', 'reset_password', 'change_email', 'sign_in')),
    account    text COLLATE "C" REFERENCES accounts (id) ON DELETE CASCADE,
    epoch      bigint,                              -- the account's, while which it is good
    visitor    text,                                -- who becomes the account that is to be made
    email      text,                                -- of the account that is to be made, or the new one
    username   text,
    name       text,
    password   text,                                -- hash, PHC form
    code       bytea   CHECK (octet_length(code) = 32),
    attempts   integer NOT NULL,                    -- how often a code may still be tried
    created_at bigint  NOT NULL,
    expires_at bigint  NOT NULL,
    CHECK ((account IS NULL) = (epoch IS NULL)),
    CHECK ((account IS NULL) = (purpose = 'register')),
    CHECK ((password IS NULL) = (account IS NOT NULL)),
    CHECK ((email IS NULL) = (purpose IN ('reset_password', 'sign_in')))
);

CREATE INDEX links_of_account ON links (account, created_at, id) WHERE account IS NOT NULL;
CREATE INDEX links_expires_at ON links (expires_at);

-- Services that ask for tokens in their own name.
CREATE TABLE clients (
    id              text COLLATE "C" NOT NULL PRIMARY KEY,
    name            text COLLATE "C" NOT NULL UNIQUE,
    secret          bytea  CHECK (octet_length(secret) = 32),       -- SHA-256
    older_secret    bytea  CHECK (octet_length(older_secret) = 32),
    older_ends_at   bigint,
    public_keys     text,                                           -- JWK set, instead of a secret
    scopes          text   NOT NULL,                                -- JSON array
    audiences       text   NOT NULL,                                -- JSON array; empty: everybody's
    access_lifetime bigint,                                         -- seconds; NULL: everybody's
    epoch           bigint NOT NULL,
    disabled_at     bigint,
    created_at      bigint NOT NULL,
    CHECK ((secret IS NULL) <> (public_keys IS NULL)),
    CHECK ((older_secret IS NULL) = (older_ends_at IS NULL)),
    CHECK (older_secret IS NULL OR secret IS NOT NULL)
);

-- What clients signed to prove themselves, until it is over: each is good once.
CREATE TABLE client_assertions (
    client text COLLATE "C" NOT NULL,
    id     bytea  NOT NULL CHECK (octet_length(id) = 32),           -- SHA-256 of its jti
    until  bigint NOT NULL,
    PRIMARY KEY (client, id)
);

CREATE INDEX client_assertions_until ON client_assertions (until);

-- Outlives what it speaks of.
CREATE TABLE audit_events (
    number        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at            bigint NOT NULL,
    kind          text   NOT NULL,
    actor         text   NOT NULL,
    administrator text,
    subject_kind  text   NOT NULL,
    subject       text   NOT NULL,
    session       bytea,
    address       text,
    detail        text,
    CHECK ((actor = 'administrator') = (administrator IS NOT NULL))
);

CREATE INDEX audit_events_of_subject ON audit_events (subject_kind, subject, number);
CREATE INDEX audit_events_of_kind ON audit_events (kind, number);
CREATE INDEX audit_events_by ON audit_events (administrator, number) WHERE administrator IS NOT NULL;
CREATE INDEX audit_events_at ON audit_events (at);

-- One row. Whoever wants to forget the oldest events first says here since when they are kept.
CREATE TABLE audit_retention (
    only_row   integer NOT NULL PRIMARY KEY CHECK (only_row = 1),
    kept_since bigint  NOT NULL
);

INSERT INTO audit_retention (only_row, kept_since) VALUES (1, -9223372036854775808);

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END $$;

CREATE TRIGGER audit_events_do_not_change BEFORE UPDATE ON audit_events
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_events_are_not_emptied BEFORE TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

CREATE FUNCTION keep_audit_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF old.at >= (SELECT kept_since FROM bulla.audit_retention) THEN
        RAISE EXCEPTION 'the audit log is append-only';
    END IF;
    RETURN old;
END $$;

CREATE TRIGGER audit_events_are_kept BEFORE DELETE ON audit_events
    FOR EACH ROW EXECUTE FUNCTION keep_audit_event();
