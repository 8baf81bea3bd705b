-- What Passerelle keeps; docs/STATE.md says why, column by column.
-- A target is written "institution/owner/kind/tree" and "/path" below its root, so that everything below a target is one
-- range: from target || '/' up to target || '0', the character after '/'. Text compares by octets (COLLATE "C").
--
-- An entry of a B-tree holds at most 2,704 octets here and a path has up to 4,096. Therefore a target is told apart by its
-- digest, and found in a range by its first 500 characters.

-- convert_to is marked stable only because encodings can be redefined; this one is not.
CREATE FUNCTION digest_of(target TEXT) RETURNS BYTEA
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT sha256(convert_to(target, 'UTF8')) $$;

CREATE TABLE metadata (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    epoch BYTEA NOT NULL,
    sequence BIGINT NOT NULL,
    swept BIGINT NOT NULL
);

CREATE FUNCTION tell_watchers() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN PERFORM pg_notify('passerelle_state', ''); RETURN NULL; END $$;
CREATE TRIGGER metadata_tells AFTER UPDATE OF sequence ON metadata
    FOR EACH ROW EXECUTE FUNCTION tell_watchers();

CREATE TABLE grants (
    target TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL GENERATED ALWAYS AS (digest_of(target)) STORED,
    grantee TEXT COLLATE "C" NOT NULL,
    rights BIGINT NOT NULL,
    ends BIGINT,
    PRIMARY KEY (digest, grantee)
);
CREATE INDEX grants_by_target ON grants (left(target, 500));
CREATE INDEX grants_by_grantee ON grants (grantee);
CREATE INDEX grants_by_end ON grants (ends) WHERE ends IS NOT NULL;

CREATE TABLE links (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    target TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL GENERATED ALWAYS AS (digest_of(target)) STORED,
    made_by TEXT COLLATE "C" NOT NULL,
    ends BIGINT,
    token_hash BYTEA NOT NULL UNIQUE
);
CREATE INDEX links_by_digest ON links (digest);
CREATE INDEX links_by_target ON links (left(target, 500));
CREATE INDEX links_by_end ON links (ends) WHERE ends IS NOT NULL;

CREATE TABLE app_passwords (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account TEXT COLLATE "C" NOT NULL,
    hash BYTEA NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    made BIGINT NOT NULL,
    ends BIGINT,
    last_used BIGINT
);
CREATE INDEX app_passwords_by_account ON app_passwords (account);
CREATE INDEX app_passwords_by_end ON app_passwords (ends) WHERE ends IS NOT NULL;

CREATE TABLE revocations (
    kind TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    up_to BIGINT,
    expires BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (kind, subject)
);
CREATE INDEX revocations_by_seq ON revocations (seq);
CREATE INDEX revocations_by_expiry ON revocations (expires);

CREATE TABLE grant_changes (
    owner TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL
);
CREATE INDEX grant_changes_by_seq ON grant_changes (seq);

CREATE TABLE locks (
    token TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    target TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL GENERATED ALWAYS AS (digest_of(target)) STORED,
    depth TEXT COLLATE "C" NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    holder TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX locks_by_digest ON locks (digest);
CREATE INDEX locks_by_target ON locks (left(target, 500));
CREATE INDEX locks_by_expiry ON locks (expires);

CREATE TABLE leases (
    name BYTEA NOT NULL PRIMARY KEY,
    holder BYTEA NOT NULL,
    ends BIGINT NOT NULL
);
CREATE INDEX leases_by_end ON leases (ends);

-- The folder is the digest of the target up to and with its last '/': what lists a folder's children without reading all
-- below it.
CREATE TABLE properties (
    target TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL GENERATED ALWAYS AS (digest_of(target)) STORED,
    namespace TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    xml TEXT COLLATE "C" NOT NULL,
    folder BYTEA NOT NULL GENERATED ALWAYS AS (digest_of(regexp_replace(target, '[^/]*$', ''))) STORED,
    PRIMARY KEY (digest, namespace, name)
);
CREATE INDEX properties_by_target ON properties (left(target, 500));
CREATE INDEX properties_by_folder ON properties (folder);

CREATE TABLE overlay (
    institution TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    value TEXT COLLATE "C",
    author TEXT COLLATE "C" NOT NULL,
    made BIGINT NOT NULL,
    PRIMARY KEY (institution, name, version)
);
