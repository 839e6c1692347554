-- The audit log says who did it and more of what, and is append-only.

-- Made anew for AUTOINCREMENT: no number comes again, not even after the log was forgotten whole.
CREATE TABLE audit_log (
    number        INTEGER PRIMARY KEY AUTOINCREMENT,
    at            INTEGER NOT NULL,
    kind          TEXT    NOT NULL,
    actor         TEXT    NOT NULL,
    administrator TEXT,
    account       TEXT    NOT NULL,
    session       BLOB,
    address       TEXT,
    detail        TEXT,
    CHECK ((actor = 'administrator') = (administrator IS NOT NULL))
) STRICT;

INSERT INTO audit_log (number, at, kind, actor, account, session, address)
    SELECT number, at, kind, 'unrecorded', account, session, address FROM audit_events;

DROP TABLE audit_events;
ALTER TABLE audit_log RENAME TO audit_events;

CREATE INDEX audit_events_of_account ON audit_events (account, number);
CREATE INDEX audit_events_of_kind ON audit_events (kind, number);
CREATE INDEX audit_events_by ON audit_events (administrator, number) WHERE administrator IS NOT NULL;

-- One row. Whoever wants to forget the oldest events first says here since when they are kept.
CREATE TABLE audit_retention (
    only_row   INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    kept_since INTEGER NOT NULL
) STRICT;

INSERT INTO audit_retention (only_row, kept_since) VALUES (1, -9223372036854775808);

CREATE TRIGGER audit_events_do_not_change BEFORE UPDATE ON audit_events
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

CREATE TRIGGER audit_events_are_kept BEFORE DELETE ON audit_events
WHEN old.at >= (SELECT kept_since FROM audit_retention)
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
