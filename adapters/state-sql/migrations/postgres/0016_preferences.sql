-- What people have set for themselves; docs/STATE.md says why, column by column.

CREATE TABLE preferences (
    account TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (account, name)
);
