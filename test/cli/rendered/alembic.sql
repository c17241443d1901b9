BEGIN;

CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, 
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> 1a0000000001

CREATE TABLE airports (
    faa TEXT NOT NULL, 
    name TEXT NOT NULL, 
    PRIMARY KEY (faa)
);

INSERT INTO alembic_version (version_num) VALUES ('1a0000000001') RETURNING alembic_version.version_num;

-- Running upgrade 1a0000000001 -> 1a0000000002

ALTER TABLE flights ADD COLUMN note TEXT;

COMMIT;

CREATE INDEX CONCURRENTLY flights_note_idx ON flights (note);

BEGIN;

UPDATE alembic_version SET version_num='1a0000000002' WHERE alembic_version.version_num = '1a0000000001';

-- Running upgrade 1a0000000002 -> 1a0000000003

ALTER TABLE flights ALTER COLUMN dep_delay TYPE TEXT;

UPDATE flights SET note = 'late' WHERE dep_delay > '100';

UPDATE alembic_version SET version_num='1a0000000003' WHERE alembic_version.version_num = '1a0000000002';

COMMIT;

