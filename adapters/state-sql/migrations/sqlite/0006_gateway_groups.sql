-- Groups that join people of several institutions, which no directory has; docs/STATE.md says why, column by column.

CREATE TABLE gateway_groups (
    name TEXT NOT NULL PRIMARY KEY,
    description TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE gateway_members (
    member TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (member, name)
) WITHOUT ROWID;
CREATE INDEX gateway_members_by_group ON gateway_members (name, member);
