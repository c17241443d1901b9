// operations: what a staged migration can do, one row for each, for operation_test.cpp.
//
// To add one: a row in the list.  {t} in the writes is whatever the client of that version calls the table; rows are read in the order of
// `id`, so every table keeps that column.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace accord_test {

struct operation {
  std::string name;
  std::string table;  // makes t, and what belongs to it
  std::string rows;   // of t
  std::string ddl, up, down;
  struct side {
    std::string columns;  // in the order of the version
    std::string writes;   // of a client of that version
    std::string result;   // what it reads after the writes of both
  };
  side old_side, new_side;
  std::string renamed = "t";  // what the table is called in the new version
  std::string beside = {};    // what completion does that the DDL alone does not
  std::string plain = {};     // what a DBA writes without a migration, where the server does not take the DDL

  friend std::ostream& operator<<(std::ostream& out, const operation& o) { return out << o.name; }
};

inline std::vector<operation> operations() {
  // The usual table: three rows of a number, a text and a note.
  const std::string table = "CREATE TABLE t (id integer PRIMARY KEY, n integer, code text, note text)";
  const std::string rows = "INSERT INTO t VALUES (1, 10, 'a', 'x'), (2, NULL, 'b', NULL)";
  const std::string old_writes = "UPDATE {t} SET n = 11 WHERE id = 1; INSERT INTO {t} (id, n, code) VALUES (3, 30, 'c')";
  const std::string new_writes = "UPDATE {t} SET n = 20 WHERE id = 2; INSERT INTO {t} (id, n, code) VALUES (4, 40, 'd')";
  const std::string result = "(1,11,a,x) (2,20,b,) (3,30,c,) (4,40,d,)";
  const operation::side usual{"id, n, code, note", old_writes, result};
  const operation::side usual_new{"id, n, code, note", new_writes, result};

  return {
      {.name = "add_column",
       .table = table,
       .rows = rows,
       .ddl = "ALTER TABLE t ADD COLUMN extra text DEFAULT 'none'",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = {"id, n, code, note, extra", new_writes + "; UPDATE {t} SET extra = 'some' WHERE id = 3",
                    "(1,11,a,x,none) (2,20,b,,none) (3,30,c,,some) (4,40,d,,none)"}},
      {.name = "add_computed_column",
       .table = table,
       .rows = rows,
       .ddl = "ALTER TABLE t ADD COLUMN loud text NOT NULL",
       .up = "loud = upper(code)",
       .down = {},
       .old_side = usual,
       .new_side = {"id, n, code, note, loud",
                    "UPDATE {t} SET loud = 'MINE' WHERE id = 3; UPDATE {t} SET n = 20 WHERE id = 2;"
                    "INSERT INTO {t} (id, n, code, loud) VALUES (4, 40, 'd', 'D!')",
                    "(1,11,a,x,A) (2,20,b,,B) (3,30,c,,MINE) (4,40,d,,D!)"}},
      {.name = "drop_column",
       .table = table,
       .rows = rows,
       .ddl = "ALTER TABLE t DROP COLUMN note",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = {"id, n, code", new_writes, "(1,11,a) (2,20,b) (3,30,c) (4,40,d)"}},
      {.name = "drop_required_column",
       .table = "CREATE TABLE t (id integer PRIMARY KEY, n integer, code text NOT NULL, note text)",
       .rows = rows,
       .ddl = "ALTER TABLE t DROP COLUMN code",
       .up = {},
       .down = "code = 'row ' || id",
       .old_side = {"id, n, code, note", old_writes, "(1,11,a,x) (2,20,b,) (3,30,c,) (4,40,\"row 4\",)"},
       .new_side = {"id, n, note", "UPDATE {t} SET n = 20 WHERE id = 2; INSERT INTO {t} (id, n) VALUES (4, 40)",
                    "(1,11,x) (2,20,) (3,30,) (4,40,)"}},
      {.name = "rename_column",
       .table = table,
       .rows = rows,
       .ddl = "ALTER TABLE t RENAME COLUMN n TO amount",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = {"id, amount, code, note",
                    "UPDATE {t} SET amount = 20 WHERE id = 2; INSERT INTO {t} (id, amount, code) VALUES (4, 40, 'd')", result}},
      {.name = "exchange_names",
       .table = table,
       .rows = rows,
       .ddl =
           "ALTER TABLE t RENAME COLUMN code TO spare; ALTER TABLE t RENAME COLUMN note TO code; ALTER TABLE t RENAME COLUMN spare TO note",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = {"id, n, note, code", "UPDATE {t} SET n = 20 WHERE id = 2; INSERT INTO {t} (id, n, note) VALUES (4, 40, 'd')", result}},
      {.name = "widen_type",
       .table = table,
       .rows = rows,
       .ddl = "ALTER TABLE t ALTER COLUMN n TYPE bigint",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = usual_new},
      {.name = "change_type_using",
       .table = table,
       .rows = rows,
       .ddl = "ALTER TABLE t ALTER COLUMN n TYPE interval USING make_interval(mins => n)",
       .up = {},
       .down = "n = (extract(epoch FROM n) / 60)::integer",
       .old_side = usual,
       .new_side = {"id, n, code, note",
                    "UPDATE {t} SET n = '20 minutes' WHERE id = 2; INSERT INTO {t} (id, n, code) VALUES (4, '40 minutes 20 seconds', 'd')",
                    "(1,00:11:00,a,x) (2,00:20:00,b,) (3,00:30:00,c,) (4,00:40:20,d,)"}},
      {.name = "set_not_null",
       .table = table,
       .rows = rows,
       .ddl = "ALTER TABLE t ALTER COLUMN n SET NOT NULL",
       .up = "n = coalesce(n, 0)",
       .down = {},
       .old_side = {"id, n, code, note", old_writes + "; INSERT INTO {t} (id) VALUES (5)", "(1,11,a,x) (2,,b,) (3,30,c,) (4,40,d,) (5,,,)"},
       .new_side = {"id, n, code, note", "INSERT INTO {t} (id, n, code) VALUES (4, 40, 'd'); UPDATE {t} SET note = NULL WHERE id = 2",
                    "(1,11,a,x) (2,0,b,) (3,30,c,) (4,40,d,) (5,0,,)"}},
      {.name = "drop_not_null",
       .table = "CREATE TABLE t (id integer PRIMARY KEY, n integer NOT NULL, code text, note text)",
       .rows = "INSERT INTO t VALUES (1, 10, 'a', 'x'), (2, 2, 'b', NULL)",
       .ddl = "ALTER TABLE t ALTER COLUMN n DROP NOT NULL",
       .up = {},
       .down = "n = coalesce(n, -1)",
       .old_side = {"id, n, code, note", old_writes, "(1,11,a,x) (2,-1,b,) (3,30,c,) (4,-1,d,)"},
       .new_side = {"id, n, code, note", "UPDATE {t} SET n = NULL WHERE id = 2; INSERT INTO {t} (id, code) VALUES (4, 'd')",
                    "(1,11,a,x) (2,,b,) (3,30,c,) (4,,d,)"}},
      {.name = "defaults",
       .table = "CREATE TABLE t (id integer PRIMARY KEY, n integer DEFAULT 7, code text, note text DEFAULT 'old')",
       .rows = rows,
       .ddl = "ALTER TABLE t ALTER COLUMN n DROP DEFAULT, ALTER COLUMN code SET DEFAULT 'new', ALTER COLUMN note SET DEFAULT 'changed'",
       .up = {},
       .down = {},
       .old_side = {"id, n, code, note", "INSERT INTO {t} (id) VALUES (3)", "(1,10,a,x) (2,,b,) (3,7,,old) (4,,new,changed)"},
       .new_side = {"id, n, code, note", "INSERT INTO {t} (id) VALUES (4)", "(1,10,a,x) (2,,b,) (3,7,,old) (4,,new,changed)"}},
      {.name = "defaults_of_a_retyped_column",
       .table = "CREATE TABLE t (id integer PRIMARY KEY, n integer NOT NULL DEFAULT 7, code text, note text)",
       .rows = "INSERT INTO t VALUES (1, 10, 'a', 'x'), (2, 2, 'b', NULL)",
       .ddl = "ALTER TABLE t ALTER COLUMN n TYPE bigint, ALTER COLUMN n SET DEFAULT 8",
       .up = {},
       .down = {},
       .old_side = {"id, n, code, note", "INSERT INTO {t} (id) VALUES (3)", "(1,10,a,x) (2,2,b,) (3,7,,) (4,8,,)"},
       .new_side = {"id, n, code, note", "INSERT INTO {t} (id) VALUES (4)", "(1,10,a,x) (2,2,b,) (3,7,,) (4,8,,)"}},
      {.name = "add_check",
       .table = table,
       .rows = rows,
       .ddl = "ALTER TABLE t ADD CONSTRAINT positive CHECK (n > 0)",
       .up = "n = greatest(abs(n), 1)",
       .down = "n = n",
       .old_side = {"id, n, code, note", old_writes + "; INSERT INTO {t} (id, n) VALUES (5, -5)",
                    "(1,11,a,x) (2,20,b,) (3,30,c,) (4,40,d,) (5,-5,,)"},
       .new_side = {"id, n, code, note", new_writes, "(1,11,a,x) (2,20,b,) (3,30,c,) (4,40,d,) (5,5,,)"}},
      {.name = "drop_check",
       .table = table + "; ALTER TABLE t ADD CONSTRAINT short CHECK (length(code) < 5)",
       .rows = rows,
       .ddl = "ALTER TABLE t DROP CONSTRAINT short",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = usual_new},
      {.name = "check_on_a_retyped_column",
       .table = table + "; ALTER TABLE t ADD CONSTRAINT positive CHECK (n > 0), ADD CONSTRAINT unproven CHECK (n < 1000) NOT VALID",
       .rows = rows,
       .ddl = "ALTER TABLE t ALTER COLUMN n TYPE bigint",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = usual_new},
      {.name = "add_unique",
       .table = table,
       .rows = rows,
       .ddl = "ALTER TABLE t ADD CONSTRAINT one_code UNIQUE (code)",
       .up = "code = id || code",
       .down = "code = substr(code, length(id::text) + 1)",
       .old_side = {"id, n, code, note", old_writes + "; INSERT INTO {t} (id, code) VALUES (5, 'a')",
                    "(1,11,a,x) (2,20,b,) (3,30,c,) (4,40,d,) (5,,a,)"},
       .new_side = {"id, n, code, note", "UPDATE {t} SET n = 20 WHERE id = 2; INSERT INTO {t} (id, n, code) VALUES (4, 40, '4d')",
                    "(1,11,1a,x) (2,20,2b,) (3,30,3c,) (4,40,4d,) (5,,5a,)"}},
      {.name = "drop_unique",
       .table = table + "; ALTER TABLE t ADD CONSTRAINT one_code UNIQUE (code)",
       .rows = rows,
       .ddl = "ALTER TABLE t DROP CONSTRAINT one_code",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = usual_new},
      {.name = "unique_on_a_retyped_column",
       .table =
           "CREATE TABLE t (id integer PRIMARY KEY, n integer UNIQUE DEFERRABLE, code text, note text, UNIQUE (n, code)); CREATE UNIQUE "
           "INDEX t_half ON t ((n / 2 * 2), id DESC) WHERE n > 5",
       .rows = rows,
       .ddl = "ALTER TABLE t ALTER COLUMN n TYPE bigint",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = usual_new},
      {.name = "primary_key_and_identity",
       .table = "CREATE TABLE t (id integer GENERATED BY DEFAULT AS IDENTITY (START 100) PRIMARY KEY, n integer, code text, note text);"
                "CREATE TABLE child (t_id integer REFERENCES t ON DELETE CASCADE)",
       .rows = rows,
       .ddl = "ALTER TABLE t ALTER COLUMN id TYPE bigint",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = usual_new},
      {.name = "serial",
       .table = "CREATE TABLE t (id integer PRIMARY KEY, n serial, code text, note text)",
       .rows = "INSERT INTO t VALUES (1, 10, 'a', 'x'), (2, 12, 'b', NULL)",
       .ddl = "ALTER TABLE t ALTER COLUMN n TYPE bigint",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = usual_new,
       .beside = "ALTER SEQUENCE t_n_seq AS bigint"},
      {.name = "add_foreign_key",
       .table = table + "; CREATE TABLE owner (id integer PRIMARY KEY)",
       .rows = rows + "; INSERT INTO owner VALUES (10), (11), (20), (30), (40) ON CONFLICT DO NOTHING",
       .ddl = "ALTER TABLE t ADD CONSTRAINT t_owner FOREIGN KEY (n) REFERENCES owner (id) ON DELETE SET NULL",
       .up = "n = nullif(n, 0)",
       .down = "n = n",
       .old_side = {"id, n, code, note", old_writes + "; INSERT INTO {t} (id, n) VALUES (5, 0)",
                    "(1,11,a,x) (2,20,b,) (3,30,c,) (4,40,d,) (5,0,,)"},
       .new_side = {"id, n, code, note", new_writes, "(1,11,a,x) (2,20,b,) (3,30,c,) (4,40,d,) (5,,,)"}},
      {.name = "drop_foreign_key",
       .table =
           "CREATE TABLE owner (id integer PRIMARY KEY); CREATE TABLE t (id integer PRIMARY KEY, n integer CONSTRAINT t_owner REFERENCES "
           "owner, code text, note text)",
       .rows = "INSERT INTO owner VALUES (10), (11), (20), (30), (40) ON CONFLICT DO NOTHING; " + rows,
       .ddl = "ALTER TABLE t DROP CONSTRAINT t_owner",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = usual_new},
      {.name = "foreign_key_on_a_retyped_column",
       .table = "CREATE TABLE owner (id integer PRIMARY KEY); CREATE TABLE t (id integer PRIMARY KEY, n integer REFERENCES owner ON UPDATE "
                "CASCADE DEFERRABLE, code text, note text)",
       .rows = "INSERT INTO owner VALUES (10), (11), (20), (30), (40) ON CONFLICT DO NOTHING; " + rows,
       .ddl = "ALTER TABLE t ALTER COLUMN n TYPE bigint",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = usual_new},
      {.name = "create_index",
       .table = table,
       .rows = rows,
       .ddl = "CREATE INDEX by_code ON t (lower(code) DESC) INCLUDE (n) WHERE n > 0",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = usual_new},
      {.name = "replace_index",
       .table = table + "; CREATE INDEX by_code ON t (code)",
       .rows = rows,
       .ddl = "CREATE INDEX by_both ON t (code, n); DROP INDEX by_code",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = usual_new},
      {.name = "index_on_a_retyped_column",
       .table = table + "; CREATE INDEX by_both ON t (code COLLATE \"C\" text_pattern_ops DESC NULLS LAST, n) WITH (fillfactor = 60) WHERE "
                        "code > 'A'; CREATE STATISTICS correlated (dependencies) ON code, n FROM t",
       .rows = rows,
       .ddl = "ALTER TABLE t ALTER COLUMN code TYPE varchar(30)",
       .up = {},
       .down = "code = code",
       .old_side = usual,
       .new_side = usual_new},
      {.name = "split_column",
       .table = table,
       .rows = "INSERT INTO t VALUES (1, 10, 'a b', 'x'), (2, NULL, 'c d', NULL)",
       .ddl = "ALTER TABLE t ADD COLUMN first text, ADD COLUMN last text, DROP COLUMN code",
       .up = "first = split_part(code, ' ', 1), last = split_part(code, ' ', 2)",
       .down = "code = first || ' ' || last",
       .old_side = {"id, n, code, note", "UPDATE {t} SET code = 'e f' WHERE id = 1; INSERT INTO {t} (id, code) VALUES (3, 'g h')",
                    "(1,10,\"e f\",x) (2,,\"c z\",) (3,,\"g h\",) (4,,\"i j\",)"},
       .new_side = {"id, n, note, first, last",
                    "UPDATE {t} SET last = 'z' WHERE id = 2; INSERT INTO {t} (id, first, last) VALUES (4, 'i', 'j')",
                    "(1,10,x,e,f) (2,,,c,z) (3,,,g,h) (4,,,i,j)"}},
      {.name = "merge_columns",
       .table = table,
       .rows = "INSERT INTO t VALUES (1, 10, 'a', 'b'), (2, NULL, 'c', 'd')",
       .ddl = "ALTER TABLE t DROP COLUMN code, DROP COLUMN note, ADD COLUMN both_of_them text",
       .up = "both_of_them = code || ' ' || note",
       .down = "code = split_part(both_of_them, ' ', 1), note = split_part(both_of_them, ' ', 2)",
       .old_side = {"id, n, code, note", "UPDATE {t} SET note = 'f' WHERE id = 1; INSERT INTO {t} VALUES (3, 3, 'g', 'h')",
                    "(1,10,a,f) (2,,y,z) (3,3,g,h) (4,4,i,j)"},
       .new_side = {"id, n, both_of_them",
                    "UPDATE {t} SET both_of_them = 'y z' WHERE id = 2; INSERT INTO {t} (id, n, both_of_them) VALUES (4, 4, 'i j')",
                    "(1,10,\"a f\") (2,,\"y z\") (3,3,\"g h\") (4,4,\"i j\")"}},
      {.name = "rename_table",
       .table = table,
       .rows = rows,
       .ddl = "ALTER TABLE t RENAME TO item",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = usual_new,
       .renamed = "item"},
      {.name = "comments",
       .table = table + "; COMMENT ON TABLE t IS 'before'; COMMENT ON COLUMN t.n IS 'a number'",
       .rows = rows,
       .ddl = "COMMENT ON TABLE t IS 'after'; COMMENT ON COLUMN t.n IS NULL; COMMENT ON COLUMN t.code IS 'a code'; ALTER TABLE t RENAME "
              "COLUMN "
              "note TO remark",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = {"id, n, code, remark", new_writes, result}},
      {.name = "remove_enum_label",
       .table = "CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad'); CREATE TYPE mood2 AS ENUM ('sad', 'glad');"
                "CREATE TABLE t (id integer PRIMARY KEY, n integer, code mood, note text); CREATE INDEX t_mood ON t (code)",
       .rows = "INSERT INTO t VALUES (1, 10, 'sad', 'x'), (2, 2, 'ok', NULL)",
       .ddl = "ALTER TABLE t ALTER COLUMN code TYPE mood2 USING CASE code WHEN 'ok' THEN 'glad' ELSE code::text END::mood2",
       .up = {},
       .down = "code = code::text::mood",
       .old_side = {"id, n, code, note", "UPDATE {t} SET code = 'glad' WHERE id = 1; INSERT INTO {t} VALUES (3, 3, 'ok')",
                    "(1,10,glad,x) (2,2,ok,) (3,3,ok,) (4,4,sad,)"},
       .new_side = {"id, n, code, note", "UPDATE {t} SET note = NULL WHERE id = 2; INSERT INTO {t} (id, n, code) VALUES (4, 4, 'sad')",
                    "(1,10,glad,x) (2,2,glad,) (3,3,glad,) (4,4,sad,)"}},
      {.name = "composite_key_and_no_plain_key",
       .table = "CREATE TABLE t (id integer, n integer, code text, note text, PRIMARY KEY (code, id))",
       .rows = rows,
       .ddl = "ALTER TABLE t ALTER COLUMN code TYPE varchar(20), ALTER COLUMN id TYPE bigint",
       .up = {},
       .down = "code = code",
       .old_side = usual,
       .new_side = usual_new},
      {.name = "partitioned_table",
       .table =
           "CREATE TABLE t (id integer, n integer, code text, note text, PRIMARY KEY (id)) PARTITION BY RANGE (id);"
           "CREATE TABLE t_low (junk integer, note text, code text, n integer, id integer NOT NULL); ALTER TABLE t_low DROP COLUMN junk;"
           "ALTER TABLE t ATTACH PARTITION t_low FOR VALUES FROM (0) TO (3); CREATE TABLE t_rest PARTITION OF t DEFAULT",
       .rows = rows,
       .ddl = "ALTER TABLE t ALTER COLUMN n TYPE bigint; ALTER TABLE t RENAME COLUMN note TO remark",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = {"id, n, code, remark", new_writes, result}},
      {.name = "indexes_and_keys_of_a_partitioned_table",
       .table =
           "CREATE TABLE t (id integer, n integer, code text, note text, PRIMARY KEY (code, id), CONSTRAINT t_n UNIQUE (n, code) "
           "DEFERRABLE) PARTITION BY LIST (code);"
           "CREATE TABLE t_a (junk integer, note text, n integer, code text NOT NULL, id integer NOT NULL); ALTER TABLE t_a DROP COLUMN "
           "junk; ALTER TABLE t ATTACH PARTITION t_a FOR VALUES IN ('a', 'd');"
           "CREATE TABLE t_rest PARTITION OF t DEFAULT PARTITION BY HASH (code); CREATE TABLE t_rest1 PARTITION OF t_rest FOR VALUES "
           "WITH (MODULUS 2, REMAINDER 0); CREATE TABLE t_rest2 PARTITION OF t_rest FOR VALUES WITH (MODULUS 2, REMAINDER 1);"
           "CREATE INDEX t_sum ON t ((n + id) DESC) INCLUDE (note) WHERE n > 5; CREATE UNIQUE INDEX t_both ON t (code, id, n)",
       .rows = rows,
       .ddl = "ALTER TABLE t ALTER COLUMN id TYPE bigint, ALTER COLUMN n TYPE bigint",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = usual_new},
      {.name = "all_at_once",
       .table =
           "CREATE TABLE owner (id integer PRIMARY KEY); CREATE TABLE t (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n integer "
           "REFERENCES owner, code text UNIQUE CHECK (code <> ''), note text DEFAULT 'n'); CREATE INDEX by_n ON t (n) INCLUDE (code);"
           "COMMENT ON COLUMN t.n IS 'the owner'",
       .rows = "INSERT INTO owner VALUES (10), (11), (20), (30), (40) ON CONFLICT DO NOTHING;"
               "INSERT INTO t OVERRIDING SYSTEM VALUE VALUES (1, 10, 'a', 'x'), (2, NULL, 'b', NULL)",
       .ddl = "ALTER TABLE t ALTER COLUMN id TYPE bigint, ALTER COLUMN n TYPE bigint, ALTER COLUMN code TYPE varchar(9), DROP COLUMN note;"
              "ALTER TABLE t RENAME COLUMN n TO owner_id; ALTER TABLE t ADD COLUMN loud text, ADD CONSTRAINT is_loud CHECK (loud = "
              "upper(loud));"
              "CREATE INDEX by_loud ON t (loud); ALTER TABLE t RENAME TO item",
       .up = "loud = upper(code)",
       .down = "code = code",
       .old_side = {"id, n, code, note",
                    "UPDATE {t} SET n = 11 WHERE id = 1; INSERT INTO {t} (id, n, code) OVERRIDING SYSTEM VALUE VALUES (3, 30, 'c')",
                    "(1,11,a,x) (2,20,b,) (3,30,c,n) (4,40,d,n)"},
       .new_side =
           {"id, owner_id, code, loud",
            "UPDATE {t} SET owner_id = 20 WHERE id = 2; INSERT INTO {t} (id, owner_id, code) OVERRIDING SYSTEM VALUE VALUES (4, 40, 'd')",
            "(1,11,a,A) (2,20,b,B) (3,30,c,C) (4,40,d,)"},
       .renamed = "item"},
  };
}

// Columns move to "codes", which is there and has rows.
inline operation move_to_codes(std::string name, const std::string& codes) {
  return {.name = std::move(name),
          .table = "CREATE TABLE t (id integer PRIMARY KEY, n integer, code text, note text); " + codes,
          .rows =
              "INSERT INTO t VALUES (1, 10, 'a', 'x'), (2, NULL, 'b', NULL); INSERT INTO codes SELECT 1, 2 WHERE NOT EXISTS (SELECT FROM "
              "codes)",
          .ddl = "ALTER TABLE t DROP COLUMN code, DROP COLUMN note",
          .up = "codes.code = upper(code), codes.note = note",
          .down = "code = lower(codes.code)",
          .old_side = {"id, n, code, note",
                       "UPDATE {t} SET n = 11 WHERE id = 1; INSERT INTO {t} (id, n, code) VALUES (3, 30, 'c'); UPDATE {t} SET code = 'a1' "
                       "WHERE id = 1; INSERT INTO {t} (id) VALUES (5)",
                       "(1,11,a1,x) (2,20,b,y) (3,30,c,) (4,40,d,) (5,,,)"},
          .new_side = {"id, n, (SELECT row(c.code, c.note, c.extra) FROM codes c WHERE c.t_id = id) AS codes",
                       "UPDATE {t} SET n = 20 WHERE id = 2; UPDATE codes SET note = 'y' WHERE t_id = 2; UPDATE codes SET extra = 3 WHERE "
                       "t_id = 3; INSERT INTO {t} (id, n) VALUES (4, 40); INSERT INTO codes VALUES (9, 4, 'D')",
                       "(1,11,\"(A1,x,7)\") (2,20,\"(B,y,1)\") (3,30,\"(C,,3)\") (4,40,\"(D,,9)\") (5,,)"}};
}

}  // namespace accord_test
