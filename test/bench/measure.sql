-- What every bench measures with: time, and the processor time of this session, which other people's work on the machine changes less.
CREATE TABLE timing (what text, variant text, ms numeric, cpu numeric, n bigint GENERATED ALWAYS AS IDENTITY);
CREATE FUNCTION cpu_ms() RETURNS numeric LANGUAGE sql AS $$ SELECT split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::numeric / 1e6 $$;
CREATE VIEW median AS
SELECT what, variant, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::numeric AS ms, percentile_cont(0.5) WITHIN GROUP (ORDER BY cpu)::numeric AS cpu,
       count(*) AS rounds, min(n) AS n
  FROM timing GROUP BY what, variant;
-- A row for the table of docs/benchmarks.md, which test/bench/run takes out of the output.
CREATE FUNCTION bar(what text, bar text, measured text) RETURNS text LANGUAGE sql AS $$ SELECT format('bar: | %s | %s | %s |', what, bar, measured) $$;
