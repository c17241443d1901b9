-- from 17: what earlier versions do not know

-- RW11
ALTER TABLE identified ALTER COLUMN twice SET EXPRESSION AS (x * 3);
-- -
ALTER TABLE events SET ACCESS METHOD heap;
