-- What a sign-on leaves behind for seconds or minutes, and its tokens; docs/STATE.md says why, column by column.
CREATE TABLE claims (
    id BYTEA NOT NULL PRIMARY KEY,
    expires BIGINT NOT NULL
);
CREATE INDEX claims_by_expiry ON claims (expires);

CREATE TABLE handovers (
    name BYTEA NOT NULL PRIMARY KEY,
    sealed TEXT COLLATE "C" NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX handovers_by_expiry ON handovers (expires);

CREATE TABLE tokens (
    session BYTEA NOT NULL PRIMARY KEY,
    sealed TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX tokens_by_expiry ON tokens (expires);
