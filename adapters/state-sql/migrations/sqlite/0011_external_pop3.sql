-- Mail accounts elsewhere that are spoken to by POP3; docs/STATE.md says why, column by column.

ALTER TABLE external_accounts ADD COLUMN protocol TEXT NOT NULL DEFAULT 'imap';
ALTER TABLE external_accounts ADD COLUMN uids TEXT;
