-- What administration keeps beside the directory; docs/STATE.md says why, column by column.

CREATE TABLE audit (
    institution TEXT COLLATE "C" NOT NULL,
    made BIGINT NOT NULL,
    id BYTEA NOT NULL,
    who TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    method TEXT COLLATE "C" NOT NULL,
    target TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    change TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (institution, made, id)
);
CREATE INDEX audit_by_target ON audit (institution, target, made, id);
CREATE INDEX audit_by_time ON audit (made);

CREATE TABLE calls (
    key BYTEA NOT NULL PRIMARY KEY,
    call BYTEA NOT NULL,
    answer TEXT COLLATE "C",
    made BIGINT NOT NULL
);
CREATE INDEX calls_by_time ON calls (made);

CREATE TABLE api_clients (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    proof TEXT COLLATE "C" NOT NULL,
    hash BYTEA NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    institutions TEXT COLLATE "C" NOT NULL,
    methods TEXT COLLATE "C" NOT NULL,
    made BIGINT NOT NULL,
    ends BIGINT,
    last_used BIGINT
);
CREATE INDEX api_clients_by_end ON api_clients (ends) WHERE ends IS NOT NULL;

CREATE TABLE account_cards (
    account TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    owner TEXT COLLATE "C" NOT NULL,
    customer TEXT COLLATE "C" NOT NULL,
    country TEXT COLLATE "C" NOT NULL,
    subscription TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    external_address TEXT COLLATE "C" NOT NULL,
    comment TEXT COLLATE "C" NOT NULL,
    ends BIGINT,
    settled BIGINT NOT NULL,
    sign_ins BIGINT NOT NULL,
    last_sign_in BIGINT
);
CREATE INDEX account_cards_due ON account_cards (ends) WHERE ends IS NOT NULL AND settled = 0;

-- An account that is renamed takes along what it made and holds.
CREATE INDEX links_by_maker ON links (made_by);
CREATE INDEX locks_by_holder ON locks (holder);
