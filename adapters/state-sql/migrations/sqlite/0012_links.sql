-- What a share link is called, its password and its limit; docs/STATE.md says why, column by column.

ALTER TABLE links ADD COLUMN label TEXT NOT NULL DEFAULT '';
ALTER TABLE links ADD COLUMN password TEXT;
ALTER TABLE links ADD COLUMN most_downloads BIGINT;
ALTER TABLE links ADD COLUMN downloads BIGINT NOT NULL DEFAULT 0;
