// operations_more: rows of the operation table about what stands around columns: generated columns, identities, triggers, policies, keys.
#pragma once

#include <vector>

#include "operations.hpp"

namespace accord_test {

inline std::vector<operation> generated_operations() {
  const std::string rows = "INSERT INTO t VALUES (1, 10, 'a', 'x'), (2, NULL, 'b', NULL)";
  const std::string old_writes = "UPDATE {t} SET n = 11 WHERE id = 1; INSERT INTO {t} (id, n, code) VALUES (3, 30, 'c')";
  const std::string new_writes = "UPDATE {t} SET n = 20 WHERE id = 2; INSERT INTO {t} (id, n, code) VALUES (4, 40, 'd')";
  const std::string with_twice =
      "CREATE TABLE t (id integer PRIMARY KEY, n integer, code text, note text, twice bigint GENERATED ALWAYS AS (n * 2) STORED);"
      "CREATE INDEX by_twice ON t (twice); COMMENT ON COLUMN t.twice IS 'n and n'";
  const std::string twice_rows = "INSERT INTO t (id, n, code, note) VALUES (1, 10, 'a', 'x'), (2, NULL, 'b', NULL)";
  const std::string twice = "(1,11,a,x,22) (2,20,b,,40) (3,30,c,,60) (4,40,d,,80)";
  const std::string columns = "id, n, code, note";

  return {
      {.name = "beside_a_generated_column",
       .table = with_twice,
       .rows = twice_rows,
       .ddl = "ALTER TABLE t ALTER COLUMN code TYPE varchar(9)",
       .up = {},
       .down = "code = code",
       .old_side = {columns + ", twice", old_writes, twice},
       .new_side = {columns + ", twice", new_writes, twice}},
      {.name = "generated_from_a_retyped_column",
       .table = with_twice,
       .rows = twice_rows,
       .ddl = "ALTER TABLE t DROP COLUMN twice, ALTER COLUMN n TYPE bigint, ADD COLUMN twice bigint GENERATED ALWAYS AS (n * 2) STORED;"
              "CREATE INDEX by_twice2 ON t (twice)",
       .up = {},
       .down = {},
       .old_side = {columns + ", twice", old_writes, twice},
       .new_side = {columns + ", twice", new_writes, twice}},
      {.name = "retype_below_a_generated_column",
       .table = with_twice,
       .rows = twice_rows,
       .ddl = "ALTER TABLE t ALTER COLUMN n TYPE bigint; ALTER TABLE t RENAME COLUMN n TO amount",
       .up = {},
       .down = {},
       .old_side = {columns + ", twice", old_writes, twice},
       .new_side = {"id, amount, code, note, twice",
                    "UPDATE {t} SET amount = 20 WHERE id = 2; INSERT INTO {t} (id, amount, code) VALUES (4, 40, 'd')", twice},
       .plain =
           "ALTER TABLE t DROP COLUMN twice, ALTER COLUMN n TYPE bigint; ALTER TABLE t RENAME COLUMN n TO amount; ALTER TABLE t ADD "
           "COLUMN twice bigint GENERATED ALWAYS AS (amount * 2) STORED; CREATE INDEX by_twice ON t (twice); COMMENT ON COLUMN t.twice "
           "IS 'n and n'"},
      {.name = "add_generated_column",
       .table = "CREATE TABLE t (id integer PRIMARY KEY, n integer, code text, note text)",
       .rows = rows,
       .ddl = "ALTER TABLE t RENAME COLUMN n TO amount; ALTER TABLE t ADD COLUMN thrice integer GENERATED ALWAYS AS ((amount * 3)) STORED;"
              "CREATE INDEX by_thrice ON t (thrice)",
       .up = {},
       .down = {},
       .old_side = {columns, old_writes, "(1,11,a,x) (2,20,b,) (3,30,c,) (4,40,d,)"},
       .new_side = {"id, amount, code, note, thrice",
                    "UPDATE {t} SET amount = 20 WHERE id = 2; INSERT INTO {t} (id, amount, code) VALUES (4, 40, 'd')",
                    "(1,11,a,x,33) (2,20,b,,60) (3,30,c,,90) (4,40,d,,120)"}},
      {.name = "drop_expression",
       .table = with_twice,
       .rows = twice_rows,
       .ddl = "ALTER TABLE t ALTER COLUMN twice DROP EXPRESSION",
       .up = {},
       .down = {},
       .old_side = {columns + ", twice", old_writes, "(1,11,a,x,22) (2,20,b,,40) (3,30,c,,60) (4,40,d,,80)"},
       .new_side = {columns + ", twice",
                    "UPDATE {t} SET n = 20, twice = 5 WHERE id = 2; INSERT INTO {t} (id, n, code, twice) VALUES (4, 40, 'd', 6)",
                    "(1,11,a,x,22) (2,20,b,,5) (3,30,c,,60) (4,40,d,,6)"}},
      {.name = "plain_to_generated",
       .table = "CREATE TABLE t (id integer PRIMARY KEY, n integer, code text, note text, half integer)",
       .rows = "INSERT INTO t VALUES (1, 10, 'a', 'x', 5), (2, NULL, 'b', NULL, NULL)",
       .ddl = "ALTER TABLE t DROP COLUMN half, ADD COLUMN half integer GENERATED ALWAYS AS (n / 2) STORED",
       .up = {},
       .down = "half = half",
       .old_side = {columns + ", half", "UPDATE {t} SET n = 11 WHERE id = 1; INSERT INTO {t} (id, n, code, half) VALUES (3, 30, 'c', 15)",
                    "(1,11,a,x,5) (2,20,b,,10) (3,30,c,,15) (4,40,d,,20)"},
       .new_side = {columns + ", half", new_writes, "(1,11,a,x,5) (2,20,b,,10) (3,30,c,,15) (4,40,d,,20)"}},
      {.name = "generated_columns_of_a_partitioned_table",
       .table = "CREATE TABLE t (id integer, n integer, code text, note text, twice bigint GENERATED ALWAYS AS (n * 2) STORED) PARTITION "
                "BY RANGE (id);"
                "CREATE TABLE t_low (junk integer, note text, code text, n integer, twice bigint GENERATED ALWAYS AS (n * 2) STORED, id "
                "integer);"
                "ALTER TABLE t_low DROP COLUMN junk;"
                "ALTER TABLE t ATTACH PARTITION t_low FOR VALUES FROM (0) TO (3); CREATE TABLE t_rest PARTITION OF t DEFAULT",
       .rows = twice_rows,
       .ddl = "ALTER TABLE t DROP COLUMN twice, ALTER COLUMN n TYPE bigint, ADD COLUMN twice bigint GENERATED ALWAYS AS (n * 2) STORED",
       .up = {},
       .down = {},
       .old_side = {columns + ", twice", old_writes, twice},
       .new_side = {columns + ", twice", new_writes + "; UPDATE {t} SET id = 5 WHERE id = 5", twice}},
  };
}

// Identities, triggers and policies.
inline std::vector<operation> operations_around() {
  const std::string table = "CREATE TABLE t (id integer PRIMARY KEY, n integer, code text, note text)";
  const std::string rows = "INSERT INTO t VALUES (1, 10, 'a', 'x'), (2, NULL, 'b', NULL)";
  const std::string columns = "id, n, code, note";
  const std::string old_writes = "UPDATE {t} SET n = 11 WHERE id = 1; INSERT INTO {t} (id, n, code) VALUES (3, 30, 'c')";
  const std::string new_writes = "UPDATE {t} SET n = 20 WHERE id = 2; INSERT INTO {t} (id, n, code) VALUES (4, 40, 'd')";
  const std::string left_out = "UPDATE {t} SET n = 20 WHERE id = 2; INSERT INTO {t} (n, code) VALUES (40, 'd')";
  const std::string result = "(1,11,a,x) (2,20,b,) (3,30,c,) (4,40,d,)", hundred = "(1,11,a,x) (2,20,b,) (3,30,c,) (100,40,d,)";
  const std::string marked = "(1,11,a,x!) (2,20,b,!) (3,30,c,) (4,40,d,)";
  const std::string mark =
      "CREATE FUNCTION mark() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_WHEN = 'BEFORE' THEN "
      "NEW.note := concat(NEW.note, '!'); END IF; RETURN NEW; END $$;";
  const std::string triggers =
      "CREATE TRIGGER mark BEFORE UPDATE OF n, id ON t FOR EACH ROW WHEN (OLD.n IS DISTINCT FROM NEW.n) EXECUTE FUNCTION mark();"
      "CREATE TRIGGER looks AFTER UPDATE ON t FOR EACH ROW WHEN (NEW.n > 5) EXECUTE FUNCTION mark();"
      "CREATE CONSTRAINT TRIGGER late AFTER INSERT OR UPDATE OF n ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION mark();"
      "CREATE TRIGGER once AFTER UPDATE OF n, code ON t EXECUTE FUNCTION mark(); COMMENT ON TRIGGER late ON t IS 'late';"
      "ALTER TABLE t ENABLE ALWAYS TRIGGER mark, DISABLE TRIGGER once";
  const std::string drop_triggers = "DROP TRIGGER mark ON t; DROP TRIGGER looks ON t; DROP TRIGGER late ON t; DROP TRIGGER once ON t;";
  const std::string policies =
      "CREATE POLICY mine ON t USING (n IS NULL OR n > 0) WITH CHECK (n > 0); CREATE POLICY added ON t AS "
      "RESTRICTIVE FOR INSERT TO PUBLIC WITH CHECK (n + id < 1000);";

  return {
      {.name = "add_identity",
       .table = table,
       .rows = rows,
       .ddl = "ALTER TABLE t ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (START WITH 100 CACHE 1)",
       .up = {},
       .down = {},
       .old_side = {columns, old_writes, hundred},
       .new_side = {columns, left_out, hundred}},
      {.name = "drop_identity",
       .table = "CREATE TABLE t (id integer GENERATED ALWAYS AS IDENTITY (START WITH 3) PRIMARY KEY, n integer, code text, note text)",
       .rows = "INSERT INTO t OVERRIDING SYSTEM VALUE VALUES (1, 10, 'a', 'x'), (2, NULL, 'b', NULL)",
       .ddl = "ALTER TABLE t ALTER COLUMN id DROP IDENTITY",
       .up = {},
       .down = {},
       .old_side = {columns, "UPDATE {t} SET n = 11 WHERE id = 1; INSERT INTO {t} (n, code) VALUES (30, 'c')", result},
       .new_side = {columns, new_writes, result}},
      {.name = "identity_always",
       .table =
           "CREATE TABLE t (id integer GENERATED BY DEFAULT AS IDENTITY (START WITH 100) PRIMARY KEY, n integer, code text, note text)",
       .rows = rows,
       .ddl = "ALTER TABLE t ALTER COLUMN id SET GENERATED ALWAYS",
       .up = {},
       .down = {},
       .old_side = {columns, old_writes, hundred},
       .new_side = {columns, left_out, hundred}},
      {.name = "identity_by_default_of_a_retyped_column",
       .table = "CREATE TABLE t (id integer GENERATED ALWAYS AS IDENTITY (START WITH 3) PRIMARY KEY, n integer, code text, note text)",
       .rows = "INSERT INTO t OVERRIDING SYSTEM VALUE VALUES (1, 10, 'a', 'x'), (2, NULL, 'b', NULL)",
       .ddl = "ALTER TABLE t ALTER COLUMN id TYPE bigint; ALTER TABLE t ALTER COLUMN id SET GENERATED BY DEFAULT",
       .up = {},
       .down = {},
       .old_side = {columns, "UPDATE {t} SET n = 11 WHERE id = 1; INSERT INTO {t} (n, code) VALUES (30, 'c')", result},
       .new_side = {columns, new_writes, result}},
      {.name = "triggers_on_a_retyped_column",
       .table = table + ";" + mark + triggers,
       .rows = rows,
       .ddl = "ALTER TABLE t ALTER COLUMN n TYPE bigint; ALTER TABLE t ALTER COLUMN code TYPE varchar(20)",
       .up = {},
       .down = "code = code",
       .old_side = {columns, old_writes, marked},
       .new_side = {columns, new_writes, marked},
       .plain = drop_triggers + "ALTER TABLE t ALTER COLUMN n TYPE bigint; ALTER TABLE t ALTER COLUMN code TYPE varchar(20);" + triggers},
      {.name = "triggers_of_a_partitioned_table",
       .table = "CREATE TABLE t (id integer, n integer, code text, note text) PARTITION BY RANGE (id);"
                "CREATE TABLE t_low (junk integer, note text, code text, n integer, id integer); ALTER TABLE t_low DROP COLUMN junk;"
                "ALTER TABLE t ATTACH PARTITION t_low FOR VALUES FROM (0) TO (3); CREATE TABLE t_rest PARTITION OF t DEFAULT;" +
                mark + "CREATE TRIGGER mark BEFORE UPDATE OF n ON t FOR EACH ROW EXECUTE FUNCTION mark()",
       .rows = rows,
       .ddl = "ALTER TABLE t ALTER COLUMN n TYPE bigint; ALTER TABLE t RENAME COLUMN n TO amount",
       .up = {},
       .down = {},
       .old_side = {columns, old_writes, marked},
       .new_side = {"id, amount, code, note",
                    "UPDATE {t} SET amount = 20 WHERE id = 2; INSERT INTO {t} (id, amount, code) VALUES (4, 40, 'd')", marked},
       .plain = "DROP TRIGGER mark ON t; ALTER TABLE t ALTER COLUMN n TYPE bigint; ALTER TABLE t RENAME COLUMN n TO amount; CREATE TRIGGER "
                "mark BEFORE UPDATE OF amount ON t FOR EACH ROW EXECUTE FUNCTION mark()"},
      {.name = "policies_on_a_retyped_column",
       .table = table + ";" + policies + "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
       .rows = rows,
       .ddl = "ALTER TABLE t ALTER COLUMN n TYPE bigint; ALTER TABLE t RENAME COLUMN n TO amount; ALTER TABLE t RENAME TO item",
       .up = {},
       .down = {},
       .old_side = {columns, old_writes, result},
       .new_side = {"id, amount, code, note",
                    "UPDATE {t} SET amount = 20 WHERE id = 2; INSERT INTO {t} (id, amount, code) VALUES (4, 40, 'd')", result},
       .renamed = "item",
       .plain = "DROP POLICY mine ON t; DROP POLICY added ON t; ALTER TABLE t ALTER COLUMN n TYPE bigint;" + policies +
                "ALTER TABLE t RENAME COLUMN n TO amount; ALTER TABLE t RENAME TO item"},
  };
}

// Primary keys that come, go and are checked late; exclusion constraints.
inline std::vector<operation> key_operations() {
  const std::string table = "CREATE TABLE t (id integer NOT NULL, n integer, code text, note text)";
  const std::string rows = "INSERT INTO t VALUES (1, 10, 'a', 'x'), (2, NULL, 'b', NULL)";
  const std::string columns = "id, n, code, note";
  const std::string old_writes = "UPDATE {t} SET n = 11 WHERE id = 1; INSERT INTO {t} (id, n, code) VALUES (3, 30, 'c')";
  const std::string new_writes = "UPDATE {t} SET n = 20 WHERE id = 2; INSERT INTO {t} (id, n, code) VALUES (4, 40, 'd')";
  const std::string upsert =
      "UPDATE {t} SET n = 20 WHERE id = 2; INSERT INTO {t} (id, n, code) VALUES (4, 40, 'd'), (3, 0, 'c') ON "
      "CONFLICT (id, code) DO NOTHING";
  const std::string result = "(1,11,a,x) (2,20,b,) (3,30,c,) (4,40,d,)";
  const operation::side usual{columns, old_writes, result}, usual_new{columns, new_writes, result};

  const std::string mark = "CREATE FUNCTION mark() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;";
  const std::string comments =
      "COMMENT ON CONSTRAINT t_key ON t IS 'the key'; COMMENT ON INDEX t_key IS 'its index'; COMMENT ON CONSTRAINT t_owner ON t IS 'whose';"
      "COMMENT ON CONSTRAINT positive ON t IS 'more'; COMMENT ON CONSTRAINT once ON t IS 'one'; COMMENT ON INDEX once IS 'of one';"
      "COMMENT ON INDEX by_n IS 'fast'; COMMENT ON STATISTICS both_of_them IS 'known'; COMMENT ON CONSTRAINT parent ON child IS 'from';"
      "COMMENT ON TRIGGER looks ON t IS 'looking'; COMMENT ON POLICY mine ON t IS 'only mine'";

  return {
      {.name = "add_primary_key",
       .table = table + "; COMMENT ON TABLE t IS 'has no key'",
       .rows = rows,
       .ddl = "ALTER TABLE t ADD PRIMARY KEY (id, code)",
       .up = "code = coalesce(code, '')",
       .down = {},
       .old_side = usual,
       .new_side = {columns, upsert, result}},
      {.name = "add_primary_key_with_a_new_column",
       .table = table,
       .rows = rows,
       .ddl = "ALTER TABLE t ADD COLUMN key text, ADD CONSTRAINT by_key PRIMARY KEY (key) INCLUDE (n)",
       .up = "key = id || '-' || coalesce(code, '')",
       .down = {},
       .old_side = usual,
       .new_side = {columns + ", key", "UPDATE {t} SET n = 20 WHERE id = 2; INSERT INTO {t} (id, n, code, key) VALUES (4, 40, 'd', 'k')",
                    "(1,11,a,x,1-a) (2,20,b,,2-b) (3,30,c,,3-c) (4,40,d,,k)"}},
      {.name = "add_deferrable_primary_key",
       .table = table,
       .rows = rows,
       .ddl = "ALTER TABLE t ADD PRIMARY KEY (id) DEFERRABLE INITIALLY DEFERRED, ALTER COLUMN id TYPE bigint",
       .up = {},
       .down = {},
       .old_side = {columns, old_writes, "(1,11,a,x) (2,40,d,) (3,30,c,) (4,20,b,)"},
       .new_side = {columns, new_writes + "; BEGIN; UPDATE {t} SET id = 4 WHERE id = 2; UPDATE {t} SET id = 2 WHERE n = 40; COMMIT",
                    "(1,11,a,x) (2,40,d,) (3,30,c,) (4,20,b,)"}},
      {.name = "primary_key_of_what_is_unique",
       .table = table + "; ALTER TABLE t ADD UNIQUE (id)",
       .rows = rows,
       .ddl = "ALTER TABLE t ADD PRIMARY KEY (id)",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = usual_new},
      {.name = "another_primary_key",
       .table = "CREATE TABLE t (id integer PRIMARY KEY, n integer, code text NOT NULL UNIQUE, note text)",
       .rows = rows,
       .ddl = "ALTER TABLE t DROP CONSTRAINT t_pkey, ADD CONSTRAINT by_code PRIMARY KEY (code); ALTER TABLE t RENAME COLUMN code TO label",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = {"id, n, label, note", "UPDATE {t} SET n = 20 WHERE id = 2; INSERT INTO {t} (id, n, label) VALUES (4, 40, 'd')",
                    result}},
      {.name = "another_primary_key_on_new_columns",
       .table = "CREATE TABLE t (id integer PRIMARY KEY, n integer, code text, note text)",
       .rows = rows,
       .ddl = "ALTER TABLE t DROP CONSTRAINT t_pkey, ALTER COLUMN id TYPE bigint, ALTER COLUMN code TYPE varchar(20), ADD CONSTRAINT "
              "both_of_them PRIMARY KEY (id, code)",
       .up = "code = coalesce(code, '')",
       .down = "code = code",
       .old_side = usual,
       .new_side = {columns, upsert, result}},
      {.name = "deferrable_primary_key_on_a_retyped_column",
       .table = "CREATE TABLE t (id integer CONSTRAINT late PRIMARY KEY DEFERRABLE, n integer, code text, note text);"
                "COMMENT ON CONSTRAINT late ON t IS 'checked late'; COMMENT ON INDEX late IS 'its index'",
       .rows = rows,
       .ddl = "ALTER TABLE t ALTER COLUMN id TYPE bigint",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = {columns, new_writes + "; UPDATE {t} SET id = 6 - id WHERE id IN (2, 4); UPDATE {t} SET id = 6 - id WHERE id IN (2, 4)",
                    result}},
      {.name = "foreign_key_of_a_partitioned_table",
       .table =
           "CREATE TABLE owner (id integer PRIMARY KEY); CREATE TABLE t (id integer, n integer CONSTRAINT t_owner REFERENCES owner ON "
           "DELETE SET NULL, code text, note text) PARTITION BY RANGE (id);"
           "CREATE TABLE t_low (junk integer, note text, n integer CONSTRAINT low_owner REFERENCES owner ON DELETE SET NULL, code text, id "
           "integer); ALTER TABLE t_low DROP COLUMN junk; ALTER TABLE t ATTACH PARTITION t_low FOR VALUES FROM (0) TO (3);"
           "CREATE TABLE t_rest PARTITION OF t DEFAULT PARTITION BY HASH (id); CREATE TABLE t_rest_1 PARTITION OF t_rest FOR VALUES WITH "
           "(MODULUS 1, REMAINDER 0)",
       .rows = "INSERT INTO owner VALUES (10), (11), (20), (30), (40) ON CONFLICT DO NOTHING; " + rows,
       .ddl = "ALTER TABLE t ALTER COLUMN n TYPE bigint",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = usual_new},
      {.name = "key_of_a_partitioned_table_to_a_retyped_column",
       .table = "CREATE TABLE t (id integer PRIMARY KEY, n integer, code text, note text);"
                "CREATE TABLE child (t_id integer CONSTRAINT parent REFERENCES t ON DELETE CASCADE) PARTITION BY LIST (t_id);"
                "CREATE TABLE child_1 PARTITION OF child FOR VALUES IN (1); CREATE TABLE child_rest PARTITION OF child DEFAULT",
       .rows = rows,
       .ddl = "ALTER TABLE t ALTER COLUMN id TYPE bigint",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = usual_new},
      {.name = "deferrable_primary_key_of_a_partitioned_table",
       .table = "CREATE TABLE t (id integer, n integer, code text, note text, PRIMARY KEY (code, id) DEFERRABLE) PARTITION BY LIST (code);"
                "CREATE TABLE t_a PARTITION OF t FOR VALUES IN ('a', 'd'); CREATE TABLE t_rest PARTITION OF t DEFAULT PARTITION BY HASH "
                "(code); CREATE TABLE t_rest1 PARTITION OF t_rest FOR VALUES WITH (MODULUS 1, REMAINDER 0)",
       .rows = rows,
       .ddl = "ALTER TABLE t ALTER COLUMN id TYPE bigint",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = usual_new},
      {.name = "add_exclusion",
       .table = "CREATE TABLE t (id integer PRIMARY KEY, n integer, code text, note text)",
       .rows = rows,
       .ddl = "ALTER TABLE t ADD CONSTRAINT apart EXCLUDE USING gist (int4range(n, n + 5) WITH &&) WHERE (n > 0 AND code <> 'free')",
       .up = "n = n + 1000 * id",
       .down = "n = n - 1000 * id",
       .old_side = {columns, old_writes, "(1,11,a,x) (2,20,b,) (3,30,c,) (4,40,d,)"},
       .new_side = {columns, "UPDATE {t} SET n = 2020 WHERE id = 2; INSERT INTO {t} (id, n, code) VALUES (4, 4040, 'd')",
                    "(1,1011,a,x) (2,2020,b,) (3,3030,c,) (4,4040,d,)"}},
      {.name = "drop_exclusion",
       .table = "CREATE TABLE t (id integer PRIMARY KEY, n integer, code text, note text, CONSTRAINT apart EXCLUDE USING btree (n WITH =))",
       .rows = rows,
       .ddl = "ALTER TABLE t DROP CONSTRAINT apart",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = usual_new},
      {.name = "exclusions_on_a_retyped_column",
       .table =
           "CREATE TABLE t (id integer PRIMARY KEY, n integer, code text, note text,"
           "CONSTRAINT apart EXCLUDE USING gist (int8range(n::bigint, n::bigint + 2) WITH &&) WHERE (n IS NOT NULL AND code <> 'free'),"
           "CONSTRAINT other EXCLUDE USING btree (n WITH =, code COLLATE \"C\" text_pattern_ops WITH =) INCLUDE (note) WITH (fillfactor "
           "= 70) DEFERRABLE INITIALLY DEFERRED); COMMENT ON CONSTRAINT apart ON t IS 'not too close'; COMMENT ON INDEX apart IS 'gist'",
       .rows = rows,
       .ddl = "ALTER TABLE t ALTER COLUMN n TYPE bigint; ALTER TABLE t RENAME COLUMN n TO place",
       .up = {},
       .down = {},
       .old_side = {columns, old_writes, result},
       .new_side = {"id, place, code, note",
                    "UPDATE {t} SET place = 20 WHERE id = 2; INSERT INTO {t} (id, place, code) VALUES (4, 40, 'd')", result}},
      {.name = "comments_on_what_stands_on_a_column",
       .table =
           "CREATE TABLE owner (id integer PRIMARY KEY); CREATE TABLE t (id integer CONSTRAINT t_key PRIMARY KEY, n integer CONSTRAINT "
           "t_owner REFERENCES owner CONSTRAINT positive CHECK (n > 0) CONSTRAINT once UNIQUE, code text, note text);"
           "CREATE INDEX by_n ON t (n, code); CREATE STATISTICS both_of_them ON id, n FROM t; CREATE TABLE child (t_id integer "
           "CONSTRAINT parent REFERENCES t);" +
           mark +
           "CREATE TRIGGER looks AFTER UPDATE OF n ON t FOR EACH ROW EXECUTE FUNCTION mark(); CREATE POLICY mine ON t USING (n > 0);" +
           comments,
       .rows = "INSERT INTO owner VALUES (10), (11), (20), (30), (40) ON CONFLICT DO NOTHING; " + rows,
       .ddl = "ALTER TABLE t ALTER COLUMN n TYPE bigint, ALTER COLUMN id TYPE bigint",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = usual_new,
       .plain =
           "DROP TRIGGER looks ON t; DROP POLICY mine ON t; ALTER TABLE t ALTER COLUMN n TYPE bigint, ALTER COLUMN id TYPE bigint; CREATE "
           "TRIGGER looks AFTER UPDATE OF n ON t FOR EACH ROW EXECUTE FUNCTION mark(); CREATE POLICY mine ON t USING (n > 0);" +
           comments},
      {.name = "move_columns_to_a_table",
       .table = "CREATE TABLE t (id integer PRIMARY KEY, n integer, code text, note text)",
       .rows = rows,
       .ddl = "CREATE TABLE codes (t_id integer PRIMARY KEY REFERENCES t ON DELETE CASCADE, code text NOT NULL, note text, extra integer);"
              "ALTER TABLE t DROP COLUMN code, DROP COLUMN note",
       .up = "codes.code = code, codes.note = note",
       .down = {},
       .old_side = {columns, old_writes + "; UPDATE {t} SET code = 'A' WHERE id = 1; INSERT INTO {t} (id) VALUES (5)",
                    "(1,11,A,x) (2,20,b,y) (3,30,c,) (4,40,d,) (5,,,)"},
       .new_side = {"id, n, (SELECT row(c.code, c.note) FROM codes c WHERE c.t_id = id) AS codes",
                    "UPDATE {t} SET n = 20 WHERE id = 2; UPDATE codes SET note = 'y', extra = 1 WHERE t_id = 2;"
                    "INSERT INTO {t} (id, n) VALUES (4, 40); INSERT INTO codes VALUES (4, 'd')",
                    "(1,11,\"(A,x)\") (2,20,\"(b,y)\") (3,30,\"(c,)\") (4,40,\"(d,)\") (5,,)"}},
      move_to_codes(
          "move_columns_to_a_table_that_is_there",
          "CREATE TABLE codes (extra integer DEFAULT 7, t_id integer NOT NULL UNIQUE REFERENCES t ON DELETE CASCADE, code text, note "
          "text)"),
      {.name = "move_columns_with_expressions",
       .table = "CREATE TABLE t (id integer PRIMARY KEY, n integer NOT NULL DEFAULT 0, code text, note text)",
       .rows = "INSERT INTO t VALUES (1, 10, 'a', 'x'), (2, 0, 'b', NULL)",
       .ddl =
           "CREATE TABLE amounts (t_id integer PRIMARY KEY REFERENCES t, amount interval NOT NULL, loud text); ALTER TABLE t DROP COLUMN n",
       .up = "amounts.amount = make_interval(mins => n), amounts.loud = upper(code)",
       .down = "n = (extract(epoch FROM amounts.amount) / 60)::integer",
       .old_side = {columns, old_writes + "; UPDATE {t} SET code = 'A1' WHERE id = 1", "(1,11,A1,x) (2,20,b,) (3,30,c,) (4,40,e,)"},
       .new_side = {"id, code, note, (SELECT row(a.amount, a.loud) FROM amounts a WHERE a.t_id = id) AS amount",
                    "INSERT INTO amounts VALUES (2, '20 minutes', 'B'); INSERT INTO {t} (id, code) VALUES (4, 'd');"
                    "INSERT INTO amounts VALUES (4, '40 minutes 20 seconds', 'D'); UPDATE {t} SET code = 'e' WHERE id = 4; UPDATE amounts "
                    "SET loud = 'E' WHERE t_id = 4",
                    "(1,A1,x,\"(00:11:00,A1)\") (2,b,,\"(00:20:00,B)\") (3,c,,\"(00:30:00,C)\") (4,e,,\"(00:40:20,E)\")"}},
      {.name = "move_a_column_to_a_link_table",
       .table = "CREATE TABLE t (id integer PRIMARY KEY, n integer, code text, note text)",
       .rows = rows,
       .ddl = "CREATE TABLE numbers (t_id integer REFERENCES t ON DELETE CASCADE, n integer, PRIMARY KEY (t_id, n)); ALTER TABLE t DROP "
              "COLUMN n",
       .up = "numbers.n = n",
       .down = {},
       .old_side = usual,
       .new_side = {"id, code, note, ARRAY(SELECT n FROM numbers WHERE t_id = id ORDER BY 1) AS numbers",
                    "INSERT INTO {t} (id, code) VALUES (4, 'd'); INSERT INTO numbers VALUES (4, 40), (1, 5), (2, 20), (4, 2)",
                    "(1,a,x,\"{5,11}\") (2,b,,{20}) (3,c,,{30}) (4,d,,\"{2,40}\")"}},
  };
}

}  // namespace accord_test
