-- What a name looks like (UTS 39): filled by the program. Not unique: names from before may be alike.

ALTER TABLE accounts ADD COLUMN email_likeness TEXT;
ALTER TABLE accounts ADD COLUMN username_likeness TEXT;

CREATE INDEX accounts_email_likeness ON accounts (email_likeness);
CREATE INDEX accounts_username_likeness ON accounts (username_likeness);
