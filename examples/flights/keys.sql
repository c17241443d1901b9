-- Foreign keys and secondary indexes of the flights database, apart from schema.sql so that a bulk load can come between.

ALTER TABLE weather ADD FOREIGN KEY (origin) REFERENCES airports;
ALTER TABLE flights ADD FOREIGN KEY (carrier) REFERENCES airlines,
                    ADD FOREIGN KEY (origin) REFERENCES airports;

CREATE INDEX flights_day_idx ON flights (year, month, day, sched_dep_time);
CREATE INDEX flights_carrier_idx ON flights (carrier, flight);
CREATE INDEX flights_tailnum_idx ON flights (tailnum);
