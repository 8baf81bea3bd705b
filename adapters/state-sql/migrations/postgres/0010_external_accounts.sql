-- Mail accounts that people have elsewhere; docs/STATE.md says why, column by column.

CREATE TABLE external_accounts (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account TEXT COLLATE "C" NOT NULL,
    label TEXT COLLATE "C" NOT NULL,
    host TEXT COLLATE "C" NOT NULL,
    port BIGINT NOT NULL,
    tls TEXT COLLATE "C" NOT NULL,
    login TEXT COLLATE "C" NOT NULL,
    sealed TEXT COLLATE "C" NOT NULL,
    made BIGINT NOT NULL,
    fault TEXT COLLATE "C",
    fault_at BIGINT,
    folders TEXT COLLATE "C",
    listed BIGINT
);
CREATE UNIQUE INDEX external_accounts_by_owner ON external_accounts (account, label);
