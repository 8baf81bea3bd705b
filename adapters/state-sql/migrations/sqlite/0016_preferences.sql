-- What people have set for themselves; docs/STATE.md says why, column by column.

CREATE TABLE preferences (
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (account, name)
) WITHOUT ROWID;
