-- What administration keeps beside the directory; docs/STATE.md says why, column by column.

CREATE TABLE audit (
    institution TEXT NOT NULL,
    made BIGINT NOT NULL,
    id BLOB NOT NULL,
    who TEXT NOT NULL,
    address TEXT NOT NULL,
    method TEXT NOT NULL,
    target TEXT NOT NULL,
    outcome TEXT NOT NULL,
    change TEXT NOT NULL,
    PRIMARY KEY (institution, made, id)
) WITHOUT ROWID;
CREATE INDEX audit_by_target ON audit (institution, target, made, id);
CREATE INDEX audit_by_time ON audit (made);

CREATE TABLE calls (
    key BLOB NOT NULL PRIMARY KEY,
    call BLOB NOT NULL,
    answer TEXT,
    made BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX calls_by_time ON calls (made);

CREATE TABLE api_clients (
    id TEXT NOT NULL PRIMARY KEY,
    proof TEXT NOT NULL,
    hash BLOB NOT NULL,
    name TEXT NOT NULL,
    institutions TEXT NOT NULL,
    methods TEXT NOT NULL,
    made BIGINT NOT NULL,
    ends BIGINT,
    last_used BIGINT
) WITHOUT ROWID;
CREATE INDEX api_clients_by_end ON api_clients (ends) WHERE ends IS NOT NULL;

CREATE TABLE account_cards (
    account TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    customer TEXT NOT NULL,
    country TEXT NOT NULL,
    subscription TEXT NOT NULL,
    state TEXT NOT NULL,
    external_address TEXT NOT NULL,
    comment TEXT NOT NULL,
    ends BIGINT,
    settled BIGINT NOT NULL,
    sign_ins BIGINT NOT NULL,
    last_sign_in BIGINT
) WITHOUT ROWID;
CREATE INDEX account_cards_due ON account_cards (ends) WHERE ends IS NOT NULL AND settled = 0;

-- An account that is renamed takes along what it made and holds.
CREATE INDEX links_by_maker ON links (made_by);
CREATE INDEX locks_by_holder ON locks (holder);
