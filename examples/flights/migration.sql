-- Version 2 of the flights: a departure is one instant, a delay is an interval, and a carrier has the name that the rest
-- of the house uses for it.  The statements are the ALTER TABLE that one would write with the applications stopped; up
-- and down say what the old and the new columns mean in terms of each other, so that nobody has to stop.
--
-- Every expression is IMMUTABLE: make_timestamp and AT TIME ZONE with a zone by name depend on no setting.

SELECT *
  FROM accord.stage('flights', $$
    ALTER TABLE flights ADD COLUMN scheduled_departure timestamptz;
    ALTER TABLE flights DROP COLUMN year, DROP COLUMN month, DROP COLUMN day, DROP COLUMN sched_dep_time;
    ALTER TABLE flights ALTER COLUMN dep_delay TYPE interval USING make_interval(mins => dep_delay);
    ALTER TABLE flights RENAME COLUMN carrier TO airline_code;
$$, up => $$
    scheduled_departure = make_timestamp(year, month, day, sched_dep_time / 100, sched_dep_time % 100, 0)
                          AT TIME ZONE 'America/New_York'
$$, down => $$
    year  = extract(year FROM scheduled_departure AT TIME ZONE 'America/New_York')::integer,
    month = extract(month FROM scheduled_departure AT TIME ZONE 'America/New_York')::integer,
    day   = extract(day FROM scheduled_departure AT TIME ZONE 'America/New_York')::integer,
    sched_dep_time = (extract(hour FROM scheduled_departure AT TIME ZONE 'America/New_York') * 100
                      + extract(minute FROM scheduled_departure AT TIME ZONE 'America/New_York'))::integer,
    dep_delay = (extract(epoch FROM dep_delay) / 60)::integer
$$);
