-- What a sign-on leaves behind for seconds or minutes, and its tokens; docs/STATE.md says why, column by column.
CREATE TABLE claims (
    id BLOB NOT NULL PRIMARY KEY,
    expires BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX claims_by_expiry ON claims (expires);

CREATE TABLE handovers (
    name BLOB NOT NULL PRIMARY KEY,
    sealed TEXT NOT NULL,
    expires BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX handovers_by_expiry ON handovers (expires);

CREATE TABLE tokens (
    session BLOB NOT NULL PRIMARY KEY,
    sealed TEXT NOT NULL,
    version BIGINT NOT NULL,
    expires BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX tokens_by_expiry ON tokens (expires);
