-- Mail accounts that people have elsewhere; docs/STATE.md says why, column by column.

CREATE TABLE external_accounts (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    label TEXT NOT NULL,
    host TEXT NOT NULL,
    port BIGINT NOT NULL,
    tls TEXT NOT NULL,
    login TEXT NOT NULL,
    sealed TEXT NOT NULL,
    made BIGINT NOT NULL,
    fault TEXT,
    fault_at BIGINT,
    folders TEXT,
    listed BIGINT
) WITHOUT ROWID;
CREATE UNIQUE INDEX external_accounts_by_owner ON external_accounts (account, label);
