-- How often what happened, hour by hour; docs/STATE.md says why, column by column.

CREATE TABLE tallies (
    institution TEXT COLLATE "C" NOT NULL,
    hour BIGINT NOT NULL,
    what TEXT COLLATE "C" NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (institution, hour, what)
);
CREATE INDEX tallies_hour ON tallies (hour);
