-- One row: of which version refresh tokens are. Raising it ends all that were ever handed out.

CREATE TABLE refresh_key (
    only_row integer NOT NULL PRIMARY KEY CHECK (only_row = 1),
    version  bigint  NOT NULL CHECK (version BETWEEN 1 AND 4294967295)
);

INSERT INTO refresh_key (only_row, version) VALUES (1, 1);
