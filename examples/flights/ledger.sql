-- What flights must hold after the consumer programs wrote: psql -v ledger=FILE -f ledger.sql, as the tables' owner.
--
-- Wants flights_before, a copy of flights from before the first write, and makes flights_expected in the old shape:
-- every delay with all that was added to it by whomever, every schedule and carrier as last set, every announced
-- flight.  Additions commute, and a schedule or a carrier is only ever set by one process after the announcement, so the
-- order of lines matters only within one process, where it is the order of the writes.

CREATE TEMP TABLE ledger (
    line      bigint GENERATED ALWAYS AS IDENTITY,
    flight_id bigint NOT NULL,
    minutes   integer,
    schedule  timestamp,
    carrier   text,
    announced boolean NOT NULL
);
\set copy_ledger '\\copy ledger (flight_id, minutes, schedule, carrier, announced) FROM ' :'ledger' ' (FORMAT csv)'
:copy_ledger

CREATE TABLE flights_expected AS
WITH written AS (
    SELECT flight_id,
           sum(minutes) AS minutes,
           (array_agg(schedule ORDER BY announced, line DESC) FILTER (WHERE schedule IS NOT NULL))[1] AS schedule,
           (array_agg(carrier ORDER BY announced, line DESC) FILTER (WHERE carrier IS NOT NULL))[1] AS carrier
      FROM ledger
     GROUP BY flight_id
)
SELECT flight_id,
       coalesce(extract(year FROM w.schedule)::integer, b.year) AS year,
       coalesce(extract(month FROM w.schedule)::integer, b.month) AS month,
       coalesce(extract(day FROM w.schedule)::integer, b.day) AS day,
       coalesce(to_char(w.schedule, 'HH24MI')::integer, b.sched_dep_time) AS sched_dep_time,
       CASE WHEN w.minutes IS NULL THEN b.dep_delay
            ELSE coalesce(b.dep_delay, 0) + w.minutes::integer END AS dep_delay,
       coalesce(w.carrier, b.carrier) AS carrier
  FROM flights_before b
  FULL JOIN written w USING (flight_id);
