-- Whose settings changed lately, to wake the nodes; docs/STATE.md says why, column by column.
CREATE TABLE overlay_changes (
    institution TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL
);
CREATE INDEX overlay_changes_by_seq ON overlay_changes (seq);
