-- What Passerelle keeps; docs/STATE.md says why, column by column.
-- A target is written "institution/owner/kind/tree" and "/path" below its root, so that everything below a target is one
-- range of the index: from target || '/' up to target || '0', the character after '/'. Text compares by octets (BINARY).

CREATE TABLE metadata (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    epoch BLOB NOT NULL,
    sequence BIGINT NOT NULL,
    swept BIGINT NOT NULL
);

CREATE TABLE grants (
    target TEXT NOT NULL,
    grantee TEXT NOT NULL,
    rights BIGINT NOT NULL,
    ends BIGINT,
    PRIMARY KEY (target, grantee)
) WITHOUT ROWID;
CREATE INDEX grants_by_grantee ON grants (grantee);
CREATE INDEX grants_by_end ON grants (ends) WHERE ends IS NOT NULL;

CREATE TABLE links (
    id TEXT NOT NULL PRIMARY KEY,
    target TEXT NOT NULL,
    made_by TEXT NOT NULL,
    ends BIGINT,
    token_hash BLOB NOT NULL UNIQUE
) WITHOUT ROWID;
CREATE INDEX links_by_target ON links (target);
CREATE INDEX links_by_end ON links (ends) WHERE ends IS NOT NULL;

CREATE TABLE app_passwords (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    hash BLOB NOT NULL,
    name TEXT NOT NULL,
    scope TEXT NOT NULL,
    made BIGINT NOT NULL,
    ends BIGINT,
    last_used BIGINT
) WITHOUT ROWID;
CREATE INDEX app_passwords_by_account ON app_passwords (account);
CREATE INDEX app_passwords_by_end ON app_passwords (ends) WHERE ends IS NOT NULL;

CREATE TABLE revocations (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    up_to BIGINT,
    expires BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (kind, subject)
) WITHOUT ROWID;
CREATE INDEX revocations_by_seq ON revocations (seq);
CREATE INDEX revocations_by_expiry ON revocations (expires);

CREATE TABLE grant_changes (
    owner TEXT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX grant_changes_by_seq ON grant_changes (seq);

CREATE TABLE locks (
    token TEXT NOT NULL PRIMARY KEY,
    target TEXT NOT NULL,
    depth TEXT NOT NULL,
    scope TEXT NOT NULL,
    holder TEXT NOT NULL,
    owner TEXT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX locks_by_target ON locks (target);
CREATE INDEX locks_by_expiry ON locks (expires);

CREATE TABLE leases (
    name BLOB NOT NULL PRIMARY KEY,
    holder BLOB NOT NULL,
    ends BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX leases_by_end ON leases (ends);

-- The folder is the target up to and with its last '/': what lists a folder's children without reading all below it.
CREATE TABLE properties (
    target TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    xml TEXT NOT NULL,
    folder TEXT NOT NULL GENERATED ALWAYS AS (rtrim(target, replace(target, '/', ''))) VIRTUAL,
    PRIMARY KEY (target, namespace, name)
);
CREATE INDEX properties_by_folder ON properties (folder);

CREATE TABLE overlay (
    institution TEXT NOT NULL,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    value TEXT,
    author TEXT NOT NULL,
    made BIGINT NOT NULL,
    PRIMARY KEY (institution, name, version)
) WITHOUT ROWID;
