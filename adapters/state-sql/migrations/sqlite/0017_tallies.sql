-- How often what happened, hour by hour; docs/STATE.md says why, column by column.

CREATE TABLE tallies (
    institution TEXT NOT NULL,
    hour INTEGER NOT NULL,
    what TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (institution, hour, what)
) WITHOUT ROWID;
CREATE INDEX tallies_hour ON tallies (hour);
