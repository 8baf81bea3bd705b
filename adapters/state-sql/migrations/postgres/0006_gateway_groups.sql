-- Groups that join people of several institutions, which no directory has; docs/STATE.md says why, column by column.

CREATE TABLE gateway_groups (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    description TEXT COLLATE "C" NOT NULL
);

CREATE TABLE gateway_members (
    member TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (member, name)
);
CREATE INDEX gateway_members_by_group ON gateway_members (name, member);
