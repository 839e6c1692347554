-- The audit log speaks of clients and signing keys too.

ALTER TABLE audit_events RENAME COLUMN account TO subject;
ALTER TABLE audit_events ADD COLUMN subject_kind TEXT NOT NULL DEFAULT 'account';

DROP INDEX audit_events_of_account;
CREATE INDEX audit_events_of_subject ON audit_events (subject_kind, subject, number);
