-- needs: xml
-- accord.type_change: what it claims of each pair of types is compared with what ALTER TABLE does to a column that holds values.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
SET timezone = 'Europe/Paris';
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TYPE feeling AS ENUM ('ok', 'sad', 'wild');
CREATE DOMAIN small AS integer CHECK (VALUE < 100);
CREATE DOMAIN plain AS integer;
CREATE DOMAIN word AS varchar(5);

-- for people
SELECT f, t, c.* FROM (VALUES
  ('integer', 'bigint'), ('bigint', 'integer'), ('integer', 'numeric'), ('integer', 'numeric(5)'), ('integer', 'real'), ('integer', 'double precision'), ('smallint', 'real'),
  ('real', 'double precision'), ('numeric(8,2)', 'numeric(10,2)'), ('numeric(8,2)', 'numeric(10,3)'), ('numeric(8,2)', 'numeric(8,1)'), ('numeric(8,2)', 'numeric'),
  ('varchar(5)', 'varchar(9)'), ('varchar(9)', 'varchar(5)'), ('varchar(5)', 'text'), ('text', 'varchar(5)'), ('varchar(5)', 'char(5)'), ('char(5)', 'text'),
  ('timestamp', 'timestamptz'), ('timestamp', 'date'), ('date', 'timestamp'), ('timestamp(3)', 'timestamp'), ('timestamp', 'timestamp(3)'),
  ('json', 'jsonb'), ('text', 'integer'), ('boolean', 'text'), ('boolean', 'integer'), ('uuid', 'text'), ('integer', 'uuid'), ('cidr', 'inet'), ('bit(3)', 'varbit'),
  ('mood', 'text'), ('mood', 'feeling'), ('small', 'integer'), ('integer', 'small'), ('integer', 'plain'), ('word', 'text'), ('integer[]', 'bigint[]'), ('text[]', 'varchar(5)[]'),
  ('varchar(5)[]', 'text[]'), ('int4range', 'int8range'), ('int4range', 'text'), ('integer', 'integer'), ('bytea', 'text')) p(f, t), accord.type_change(f, t) c;
SET timezone = 'UTC';
SELECT rewrite FROM accord.type_change('timestamp', 'timestamptz');
SET timezone = 'Europe/Paris';
SELECT * FROM accord.type_change('no_such_type', 'text');
SELECT * FROM accord.type_change('integer', 'anyelement');
SELECT * FROM accord.type_change('integer; SELECT 1', 'text');
SELECT * FROM accord.type_change('integer', NULL);

-- values of the test's own
CREATE TABLE held (type text, value text);
INSERT INTO held SELECT t, v FROM (VALUES
  ('boolean', '{t,f}'::text[]), ('smallint', '{0,7,-7,31000}'), ('integer', '{0,7,-7,123456789,-70000}'), ('bigint', '{0,7,-7,123456789,99999999999}'),
  ('numeric', '{0,7,-7.25,7.50,1e20,NaN}'), ('numeric(8,2)', '{0,7,-7.25,123456.78,NaN}'), ('numeric(10,2)', '{7.1,12345678.90}'), ('numeric(9,0)', '{7,999999999}'), ('numeric(10,4)', '{7.1234,123456.5}'),
  ('real', '{0,7,0.3,1e30,Infinity}'), ('double precision', '{0,7,0.3,1e300,NaN}'), ('money', '{7,-7.5}'), ('oid', '{7,3000000000}'),
  ('text', ARRAY ['', 'x', '7', 'long enough to be cut', 'e  ', 'true', '2024-01-31', '{"k":1}']), ('varchar', ARRAY ['', 'x', '7', 'long enough to be cut', 'e  ']), ('varchar(5)', ARRAY ['', 'x', '7', 'abcde', 'e  ']),
  ('varchar(9)', ARRAY ['x', 'abcdefghi', 'e  ']), ('char(5)', '{x,7,abcde}'), ('char(9)', '{x,abcdefghi}'), ('name', '{x,abc}'), ('"char"', '{x,7}'), ('bytea', '{"\\\\x","\\\\x0aff"}'),
  ('date', '{2024-01-31,infinity,0044-03-15 BC}'), ('time', '{00:00:01,11:22:33.445566}'), ('time(0)', '{00:00:01,11:22:33}'), ('timetz', '{11:22:33+05}'), ('timestamp', '{2024-07-01 11:22:33.445566,infinity}'),
  ('timestamp(0)', '{2024-07-01 11:22:33}'), ('timestamptz', '{2024-07-01 11:22:33.445566+00,infinity}'), ('timestamptz(0)', '{2024-07-01 11:22:33+00}'), ('interval', '{1 day,-3 mons 4.5 s}'), ('interval(0)', '{1 day}'),
  ('uuid', '{12345678-1234-1234-1234-123456789abc}'), ('json', ARRAY ['{"k":1}', '7', '[1, 2]']), ('jsonb', ARRAY ['{"k":1}', '7']), ('xml', '{<x/>}'), ('inet', '{192.168.1.7,192.168.0.0/16}'), ('cidr', '{192.168.1.7/32,192.168.0.0/16}'),
  ('macaddr', '{01:02:03:04:05:06}'), ('macaddr8', '{01:02:03:04:05:06:07:08}'), ('bit(3)', '{101}'), ('bit(8)', '{10101010}'), ('varbit', ARRAY ['', '1', '10101']), ('varbit(5)', ARRAY ['1', '10101']),
  ('point', '{"(1,2)"}'), ('mood', '{sad,ok}'), ('feeling', '{ok,wild}'), ('small', '{7,-7}'), ('plain', '{7,123456}'), ('word', '{x,abcde}'),
  ('integer[]', ARRAY ['{}', '{7,NULL}']), ('bigint[]', ARRAY ['{7,99999999999}']), ('text[]', ARRAY ['{x,"long enough to be cut"}']), ('varchar(5)[]', ARRAY ['{x,abcde}']), ('int4range', '{"[1,7)",empty}')) x(t, list), unnest(list) v;
-- each pair with a pg_cast row, each with one of the texts, each with another modifier or array of its own, and domains and enums among themselves
CREATE TABLE pair AS
SELECT f.type AS f, t.type AS t FROM (SELECT DISTINCT type FROM held) f, (SELECT DISTINCT type FROM held) t
 WHERE to_regtype(f.type) = to_regtype(t.type)
    OR EXISTS (SELECT FROM pg_cast c WHERE c.castsource = to_regtype(f.type) AND c.casttarget = to_regtype(t.type))
    OR t.type IN ('text', 'varchar(5)') OR f.type = 'text'
    OR f.type ~ '\[' AND t.type ~ '\[' OR f.type IN ('mood', 'feeling', 'small', 'plain', 'word') OR t.type IN ('mood', 'feeling', 'small', 'plain', 'word');
CREATE FUNCTION altered(f text, t text, value text, clause text, OUT failed boolean, OUT rewritten boolean, OUT before text, OUT after text, OUT sent bytea, OUT sends bytea, OUT again text) LANGUAGE plpgsql AS $$
DECLARE file oid;
BEGIN
  CREATE TABLE one (v integer);
  EXECUTE format('ALTER TABLE one ALTER v TYPE %s USING NULL', f);
  EXECUTE format('INSERT INTO one VALUES (%L)', value);
  EXECUTE format('SELECT format(''%%s'', v) FROM one') INTO before;
  sent := (SELECT bytes_of(f));
  SELECT relfilenode FROM pg_class WHERE oid = 'one'::regclass INTO file;
  failed := false;
  BEGIN
    EXECUTE format('ALTER TABLE one ALTER v TYPE %s %s', t, clause);
  EXCEPTION WHEN OTHERS THEN
    failed := true;
  END;
  IF NOT failed THEN
    SELECT relfilenode <> file FROM pg_class WHERE oid = 'one'::regclass INTO rewritten;
    EXECUTE 'SELECT format(''%s'', v) FROM one' INTO after;
    sends := (SELECT bytes_of(t));
    BEGIN
      BEGIN
        EXECUTE format('ALTER TABLE one ALTER v TYPE %s', f);
      EXCEPTION WHEN datatype_mismatch THEN
        EXECUTE format('ALTER TABLE one ALTER v TYPE %s USING v::%1$s', f);
      END;
      EXECUTE 'SELECT format(''%s'', v) FROM one' INTO again;
    EXCEPTION WHEN OTHERS THEN
      again := NULL;
    END;
  END IF;
  DROP TABLE one;
END $$;
CREATE FUNCTION bytes_of(type text) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE send regproc; result bytea;
BEGIN
  SELECT typsend FROM pg_type WHERE oid = type::regtype INTO send;
  IF send = 0 THEN RETURN NULL; END IF;
  EXECUTE format('SELECT %s(v) FROM one', send) INTO result;
  RETURN result;
END $$;
CREATE TABLE wrong (f text, t text, value text, what text);
CREATE PROCEDURE compare() LANGUAGE plpgsql AS $$
DECLARE p record; c record; h text; a record; clause text; f text; t text; value text; what text;
BEGIN
  FOR p IN SELECT * FROM pair ORDER BY 1, 2 LOOP
    f := p.f; t := p.t; value := NULL;
    SELECT * FROM accord.type_change(p.f, p.t) INTO c;
    clause := CASE c.conversion WHEN 'automatic' THEN '' ELSE format('USING v::%s', p.t) END;
    IF c.conversion = 'using' AND NOT (altered(p.f, p.t, NULL, '')).failed THEN what := 'no USING needed'; INSERT INTO wrong VALUES (f, t, value, what); END IF;
    a := altered(p.f, p.t, NULL, clause);
    IF a.failed <> (c.conversion = 'none') THEN what := 'possible'; INSERT INTO wrong VALUES (f, t, value, what); END IF;
    IF a.failed THEN COMMIT; CONTINUE; END IF;
    IF a.rewritten <> c.rewrite THEN what := 'rewrite'; INSERT INTO wrong VALUES (f, t, value, what); END IF;
    FOR h IN SELECT held.value FROM held WHERE held.type = p.f LOOP
      a := altered(p.f, p.t, h, clause);
      value := h;
      IF a.failed THEN
        IF c.lossless THEN what := 'lossless, and refused'; INSERT INTO wrong VALUES (f, t, value, what); END IF;
        CONTINUE;
      END IF;
      IF c.same_text AND a.before <> a.after THEN what := 'same_text'; INSERT INTO wrong VALUES (f, t, value, what); END IF;
      IF c.same_wire AND a.sent <> a.sends THEN what := 'same_wire'; INSERT INTO wrong VALUES (f, t, value, what); END IF;
      IF c.lossless AND a.before IS DISTINCT FROM a.again THEN what := 'lossless'; INSERT INTO wrong VALUES (f, t, value, what); END IF;
    END LOOP;
    -- the witnesses
    value := c.text_witness;
    IF c.same_text = false THEN
      a := altered(p.f, p.t, c.text_witness, clause);
      IF a.before IS NOT DISTINCT FROM a.after THEN what := 'text_witness'; INSERT INTO wrong VALUES (f, t, value, what); END IF;
    END IF;
    value := c.wire_witness;
    IF c.same_wire = false THEN
      a := altered(p.f, p.t, c.wire_witness, clause);
      IF a.sent IS NOT DISTINCT FROM a.sends THEN what := 'wire_witness'; INSERT INTO wrong VALUES (f, t, value, what); END IF;
    END IF;
    value := c.loss_witness;
    IF c.lossless = false THEN
      a := altered(p.f, p.t, c.loss_witness, clause);
      IF NOT a.failed AND a.before IS NOT DISTINCT FROM a.again THEN what := 'loss_witness'; INSERT INTO wrong VALUES (f, t, value, what); END IF;
    END IF;
    COMMIT;
  END LOOP;
END $$;
SELECT count(*) > 400 AS many FROM pair;
CALL compare();
SELECT * FROM wrong ORDER BY 1, 2, 3, 4;
-- few are not known
SELECT count(*) FILTER (WHERE c.lossless IS NULL) * 10 < count(*) AS few_unknown FROM pair, accord.type_change(f, t) c WHERE c.conversion <> 'none';
