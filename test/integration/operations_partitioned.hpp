// Operations on partitioned tables that need more than a twin on each partition: keys to them, indexes and keys that the DDL adds, and columns that move
// out of them or into them.
#pragma once

#include <string>
#include <vector>

#include "operations.hpp"

namespace accord_test {

inline std::vector<operation> partitioned_operations() {
  // One partition has its columns elsewhere, one has partitions of its own.
  auto partitioned = [](const std::string& beside) {
    return "CREATE TABLE t (id integer NOT NULL, n integer, code text NOT NULL, note text" + beside +
           ") PARTITION BY LIST (code);"
           "CREATE TABLE t_a (junk integer, note text, n integer, code text NOT NULL, id integer NOT NULL); ALTER TABLE t_a DROP COLUMN "
           "junk;"
           "ALTER TABLE t ATTACH PARTITION t_a FOR VALUES IN ('a', 'd');"
           "CREATE TABLE t_rest PARTITION OF t DEFAULT PARTITION BY HASH (code);"
           "CREATE TABLE t_rest1 PARTITION OF t_rest FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
           "CREATE TABLE t_rest2 PARTITION OF t_rest FOR VALUES WITH (MODULUS 2, REMAINDER 1);";
  };
  const std::string rows = "INSERT INTO t VALUES (1, 10, 'a', 'x'), (2, NULL, 'b', NULL);";
  const std::string columns = "id, n, code, note";
  const std::string old_writes = "UPDATE {t} SET n = 11 WHERE id = 1; INSERT INTO {t} (id, n, code) VALUES (3, 30, 'c')";
  const std::string new_writes = "UPDATE {t} SET n = 20 WHERE id = 2; INSERT INTO {t} (id, n, code) VALUES (4, 40, 'd')";
  const std::string result = "(1,11,a,x) (2,20,b,) (3,30,c,) (4,40,d,)";
  // To other partitions.
  const std::string old_moves = "; UPDATE {t} SET code = 'e' WHERE id = 1; UPDATE {t} SET code = 'a', note = 'y' WHERE id = 3";
  const std::string moved = "(1,11,e,x) (2,20,b,) (3,30,a,y) (4,40,d,)";
  const operation::side usual{columns, old_writes, result}, usual_new{columns, new_writes, result};
  const std::string there_and_back = "; UPDATE {t} SET id = 7 WHERE id = 2; UPDATE {t} SET id = 2 WHERE id = 7";
  auto move_to_notes = [&](const char* name, const std::string& partitions) {
    return operation{
        .name = name,
        .table = partitioned(", PRIMARY KEY (code, id)"),
        .rows = rows,
        .ddl =
            "CREATE TABLE notes (code text, t_id integer, note text, n integer, extra integer DEFAULT 7, PRIMARY KEY (t_id, code),"
            "FOREIGN KEY (code, t_id) REFERENCES t ON UPDATE CASCADE)" +
            partitions + "; ALTER TABLE t DROP COLUMN note, DROP COLUMN n",
        .up = "notes.note = note, notes.n = n",
        .down = {},
        .old_side = {columns, old_writes + old_moves, moved},
        .new_side = {"id, code, (SELECT row(s.n, s.note, s.extra) FROM notes s WHERE s.t_id = id) AS notes",
                     "INSERT INTO notes VALUES ('b', 2, NULL, 20); INSERT INTO {t} (id, code) VALUES (4, 'c');"
                     "INSERT INTO notes VALUES ('c', 4, NULL, 40); UPDATE notes SET extra = 2 WHERE t_id = 4; UPDATE {t} SET code = 'd' "
                     "WHERE id = 4",
                     "(1,e,\"(11,x,7)\") (2,b,\"(20,,7)\") (3,a,\"(30,y,7)\") (4,d,\"(40,,2)\")"}};
  };

  return {
      {.name = "keys_to_a_partitioned_table",
       .table =
           partitioned(", PRIMARY KEY (code, id)") +
           "CREATE TABLE child (t_code text, t_id integer, CONSTRAINT parent FOREIGN KEY (t_code, t_id) REFERENCES t ON UPDATE CASCADE);"
           "CREATE TABLE kid (t_id integer, code text, CONSTRAINT parent FOREIGN KEY (code, t_id) REFERENCES t ON UPDATE CASCADE "
           "DEFERRABLE) PARTITION BY LIST (code);"
           "CREATE TABLE kid_a PARTITION OF kid FOR VALUES IN ('a'); CREATE TABLE kid_rest PARTITION OF kid DEFAULT;"
           "COMMENT ON CONSTRAINT parent ON kid IS 'whose'",
       .rows = rows + "INSERT INTO child SELECT code, id FROM t; INSERT INTO kid SELECT id, code FROM t",
       .ddl = "ALTER TABLE t ALTER COLUMN id TYPE bigint; ALTER TABLE t RENAME COLUMN id TO key",
       .up = {},
       .down = {},
       .old_side = {columns, old_writes + there_and_back, result},
       .new_side = {"key AS id, n, code, note",
                    "UPDATE {t} SET n = 20 WHERE key = 2; INSERT INTO {t} (key, n, code) VALUES (4, 40, 'd');"
                    "UPDATE {t} SET key = 7 WHERE key = 2; UPDATE {t} SET key = 2 WHERE key = 7",
                    result}},
      {.name = "key_of_a_partitioned_table_to_itself",
       .table = partitioned(", PRIMARY KEY (code, id)") +
                "ALTER TABLE t ADD COLUMN up integer, ADD CONSTRAINT above FOREIGN KEY (code, up) REFERENCES t",
       .rows = rows + "INSERT INTO t VALUES (5, 1, 'b', NULL, 2)",
       .ddl = "ALTER TABLE t ALTER COLUMN id TYPE bigint, ALTER COLUMN up TYPE bigint",
       .up = {},
       .down = {},
       .old_side = {columns + ", up", old_writes, "(1,11,a,x,) (2,20,b,,) (3,30,c,,) (4,40,d,,) (5,1,b,,2)"},
       .new_side = {columns + ", up",
                    "UPDATE {t} SET n = 20 WHERE id = 2; INSERT INTO {t} (id, n, code, up) VALUES (4, 40, 'd', NULL);"
                    "INSERT INTO {t} (id, code) VALUES (1, 'd'); UPDATE {t} SET up = 1 WHERE id = 4; UPDATE {t} SET up = NULL WHERE id = 4;"
                    "DELETE FROM {t} WHERE (id, code) = (1, 'd')",
                    "(1,11,a,x,) (2,20,b,,) (3,30,c,,) (4,40,d,,) (5,1,b,,2)"}},
      {.name = "indexes_added_to_a_partitioned_table",
       .table = partitioned(", PRIMARY KEY (code, id)"),
       .rows = rows,
       .ddl = "ALTER TABLE t ALTER COLUMN n TYPE bigint, ADD CONSTRAINT once UNIQUE (n, code) INCLUDE (note);"
              "CREATE INDEX by_note ON t (lower(note), n DESC) WHERE id > 0; CREATE INDEX by_code ON t (code);"
              "CREATE INDEX again ON t (code DESC); CREATE UNIQUE INDEX sure ON t (code, id, n); COMMENT ON INDEX sure IS 'is it'",
       .up = "n = n",
       .down = "n = n::integer",
       .old_side = usual,
       .new_side = {columns, new_writes + " ON CONFLICT (n, code) DO NOTHING", result}},
      {.name = "primary_key_added_to_a_partitioned_table",
       .table = partitioned(""),
       .rows = rows,
       .ddl = "ALTER TABLE t ALTER COLUMN id TYPE bigint, ADD PRIMARY KEY (id, code)",
       .up = {},
       .down = {},
       .old_side = usual,
       .new_side = {columns, new_writes + there_and_back, result}},
      {.name = "another_primary_key_of_a_partitioned_table",
       .table = partitioned(", PRIMARY KEY (code, id)"),
       .rows = rows,
       .ddl = "ALTER TABLE t DROP CONSTRAINT t_pkey, ALTER COLUMN note TYPE varchar(20), ALTER COLUMN note SET NOT NULL, ADD CONSTRAINT "
              "by_note PRIMARY KEY (code, note)",
       .up = "note = coalesce(note, 'none ' || id)",
       .down = "note = CASE WHEN note NOT LIKE 'none%' THEN note END",
       .old_side = usual,
       .new_side = {columns, "UPDATE {t} SET n = 20 WHERE id = 2; INSERT INTO {t} (id, n, code, note) VALUES (4, 40, 'd', 'none 4')",
                    "(1,11,a,x) (2,20,b,\"none 2\") (3,30,c,\"none 3\") (4,40,d,\"none 4\")"}},
      move_to_notes("move_columns_of_a_partitioned_table", ""),
      {.name = "move_columns_of_a_partitioned_table_to_a_table_that_is_there",
       .table = partitioned(", PRIMARY KEY (code, id)") +
                "CREATE TABLE notes (extra integer DEFAULT 7, t_id integer, code text, note text, n bigint, UNIQUE (code, t_id),"
                "FOREIGN KEY (code, t_id) REFERENCES t ON DELETE CASCADE ON UPDATE CASCADE)",
       .rows = rows + "INSERT INTO notes SELECT 1, 2, 'b' WHERE NOT EXISTS (SELECT FROM notes)",
       .ddl = "ALTER TABLE t DROP COLUMN note, DROP COLUMN n",
       .up = "notes.note = upper(note), notes.n = n",
       .down = "note = lower(notes.note), n = notes.n::integer",
       .old_side = {columns, old_writes + old_moves, moved},
       .new_side = {"id, code, (SELECT row(s.n, s.note, s.extra) FROM notes s WHERE s.t_id = id) AS notes",
                    "UPDATE notes SET n = 20 WHERE t_id = 2; INSERT INTO {t} (id, code) VALUES (4, 'c');"
                    "INSERT INTO notes VALUES (2, 4, 'c', NULL, 40); UPDATE {t} SET code = 'd' WHERE id = 4",
                    "(1,e,\"(11,X,7)\") (2,b,\"(20,,1)\") (3,a,\"(30,Y,7)\") (4,d,\"(40,,2)\")"}},
      {.name = "columns_of_a_table_come_into_a_partitioned_one",
       .table = "CREATE TABLE t (id integer NOT NULL, code text NOT NULL, PRIMARY KEY (code, id)) PARTITION BY LIST (code);"
                "CREATE TABLE t_a (junk integer, code text NOT NULL, id integer NOT NULL); ALTER TABLE t_a DROP COLUMN junk;"
                "ALTER TABLE t ATTACH PARTITION t_a FOR VALUES IN ('a', 'd'); CREATE TABLE t_rest PARTITION OF t DEFAULT;"
                "CREATE TABLE notes (t_id integer, code text, n integer, note text, PRIMARY KEY (t_id, code), FOREIGN KEY (code, t_id) "
                "REFERENCES t)",
       .rows = "INSERT INTO t VALUES (1, 'a'), (2, 'b'); INSERT INTO notes VALUES (1, 'a', 10, 'x')",
       .ddl = "ALTER TABLE t ADD COLUMN n integer, ADD COLUMN note text; DROP TABLE notes",
       .up = "n = notes.n, note = notes.note",
       .down = {},
       .old_side = {"id, code, (SELECT row(s.n, s.note) FROM notes s WHERE s.t_id = id) AS notes",
                    "UPDATE notes SET n = 11 WHERE t_id = 1; INSERT INTO {t} VALUES (3, 'c'); INSERT INTO notes VALUES (3, 'c', 30);"
                    "UPDATE {t} SET code = 'e' WHERE id = 1; UPDATE {t} SET code = 'a' WHERE id = 3",
                    "(1,e,\"(11,x)\") (2,a,\"(20,)\") (3,a,\"(30,)\") (4,d,\"(40,)\")"},
       .new_side = {"id, code, n, note",
                    "UPDATE {t} SET n = 20, code = 'a' WHERE id = 2; INSERT INTO {t} VALUES (4, 'c', 40); UPDATE {t} SET code = 'd' WHERE "
                    "id = 4",
                    "(1,e,11,x) (2,a,20,) (3,a,30,) (4,d,40,)"}},
      move_to_notes("move_columns_of_a_partitioned_table_to_a_partitioned_one",
                    " PARTITION BY LIST (code); CREATE TABLE notes_a PARTITION OF notes FOR VALUES IN ('a', 'e');"
                    "CREATE TABLE notes_rest PARTITION OF notes DEFAULT PARTITION BY HASH (t_id);"
                    "CREATE TABLE notes_rest_0 PARTITION OF notes_rest FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
                    "CREATE TABLE notes_rest_1 PARTITION OF notes_rest FOR VALUES WITH (MODULUS 2, REMAINDER 1)"),
      move_to_codes(
          "move_columns_to_a_partitioned_table_that_is_there",
          "CREATE TABLE codes (extra integer DEFAULT 7, t_id integer PRIMARY KEY REFERENCES t ON DELETE CASCADE, code text, note text) "
          "PARTITION BY HASH (t_id); CREATE TABLE codes_0 PARTITION OF codes FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
          "CREATE TABLE codes_1 (note text, junk text, code text, t_id integer NOT NULL, extra integer DEFAULT 7); ALTER TABLE "
          "codes_1 DROP COLUMN junk; ALTER TABLE codes ATTACH PARTITION codes_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1)"),
      {.name = "columns_of_a_partitioned_table_come",
       .table = "CREATE TABLE t (id integer PRIMARY KEY); CREATE TABLE notes (t_id integer PRIMARY KEY REFERENCES t ON UPDATE CASCADE, n "
                "integer,"
                "note text) PARTITION BY RANGE (t_id); CREATE TABLE notes_low (note text, junk integer, n integer, t_id integer NOT NULL);"
                "ALTER TABLE notes_low DROP COLUMN junk; ALTER TABLE notes ATTACH PARTITION notes_low FOR VALUES FROM (0) TO (3);"
                "CREATE TABLE notes_rest PARTITION OF notes DEFAULT",
       .rows = "INSERT INTO t VALUES (1), (2); INSERT INTO notes VALUES (1, 10, 'x')",
       .ddl = "ALTER TABLE t ADD COLUMN n integer, ADD COLUMN note text; DROP TABLE notes",
       .up = "n = notes.n, note = notes.note",
       .down = {},
       .old_side = {"id, (SELECT row(s.n, s.note) FROM notes s WHERE s.t_id = id) AS notes",
                    "UPDATE notes SET n = 11 WHERE t_id = 1; INSERT INTO {t} VALUES (3), (5); INSERT INTO notes VALUES (3, 30), (5, 50);"
                    "UPDATE {t} SET id = 0 WHERE id = 5",
                    "(0,\"(50,)\") (1,\"(11,x)\") (2,\"(20,)\") (3,\"(30,)\") (4,\"(40,)\")"},
       .new_side = {"id, n, note", "UPDATE {t} SET n = 20 WHERE id = 2; INSERT INTO {t} VALUES (6, 40); UPDATE {t} SET id = 4 WHERE id = 6",
                    "(0,50,) (1,11,x) (2,20,) (3,30,) (4,40,)"}},
  };
}

}  // namespace accord_test
