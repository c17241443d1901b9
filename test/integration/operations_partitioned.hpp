// Operations on partitioned tables that need more than a twin on each partition: keys to them, and indexes and keys that the DDL adds.
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
  const operation::side usual{columns, old_writes, result}, usual_new{columns, new_writes, result};
  const std::string there_and_back = "; UPDATE {t} SET id = 7 WHERE id = 2; UPDATE {t} SET id = 2 WHERE id = 7";

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
  };
}

}  // namespace accord_test
