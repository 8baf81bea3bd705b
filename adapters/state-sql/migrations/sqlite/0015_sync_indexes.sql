-- What folders held when somebody last synchronised them; docs/STATE.md says why, column by column.

CREATE TABLE sync_indexes (
    folder BLOB NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    sealed TEXT NOT NULL,
    ends BIGINT NOT NULL
);
CREATE INDEX sync_indexes_by_end ON sync_indexes (ends);
