// However a client reaches the table, what it writes is there in both versions, and no value of the other version gets worse.
//
// Eight ways to the table, nine kinds of writes, clients of both versions, before and after completion; to a table alone, a partitioned one, and
// one whose column moves to another or arrives from it.  The sessions stay open over the
// completion, so that plans made before it are used after it.
#include <functional>
#include <gtest/gtest.h>
#include <map>

#include "session.hpp"

namespace accord_test {
namespace {

enum side { old_side, new_side };

// A price that becomes exact, and a note that gets another name.  On the sides that say so the price is in a table of its own.
struct subject {
  std::string name, tables, stage;
  bool apart[2];
};

const std::string changes = "ALTER TABLE t RENAME COLUMN note TO remark; ALTER TABLE t ";
const subject subjects[] = {
    {"one_table",
     "CREATE TABLE t (id bigint PRIMARY KEY, price integer, note text)",
     "'" + changes + "ALTER COLUMN price TYPE numeric(10,2)', down => 'price = round(price)'",
     {false, false}},
    {"partitions",
     "CREATE TABLE t (id bigint PRIMARY KEY, price integer, note text) PARTITION BY RANGE (id);"
     " CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (1) TO (3); CREATE TABLE t_2 (note text, price integer, id bigint NOT NULL);"
     " ALTER TABLE t ATTACH PARTITION t_2 DEFAULT",
     "'" + changes + "ALTER COLUMN price TYPE numeric(10,2)', down => 'price = round(price)'",
     {false, false}},
    {"column_moves",
     "CREATE TABLE t (id bigint PRIMARY KEY, price integer, note text)",
     "'CREATE TABLE prices (t_id bigint PRIMARY KEY REFERENCES t ON DELETE CASCADE, price numeric(10,2) NOT NULL); GRANT ALL ON prices TO "
     "PUBLIC; " +
         changes + "DROP COLUMN price', up => 'prices.price = price', down => 'price = round(prices.price)'",
     {false, true}},
    {"column_arrives",
     "CREATE TABLE t (id bigint PRIMARY KEY, note text);"
     " CREATE TABLE prices (t_id bigint PRIMARY KEY REFERENCES t ON DELETE CASCADE, price integer NOT NULL); GRANT ALL ON prices TO PUBLIC",
     "'" + changes +
         "ADD COLUMN price numeric(10,2); DROP TABLE prices', up => 'price = prices.price', down => 'prices.price = round(price)'",
     {true, false}},
};

struct cell {
  std::string kind;
  std::string sql;                 // {t}, {note} and {v}: the value
  std::vector<std::string> apart;  // the same where the price is in {p}
  std::string value[2];            // of a client of the old version, of the new one
  std::string rows[2][2];          // after the write of an old client, of a new one: in the old version, in the new one
};

const std::vector<cell>& cells() {
  static const std::vector<cell> all = {
      {"INSERT",
       "INSERT INTO {t} (id, price, {note}) VALUES (2, {v}, 'i')",
       {"INSERT INTO {t} (id, {note}) VALUES (2, 'i')", "INSERT INTO {p} VALUES (2, {v})"},
       {"5", "5.5"},
       {{"(1,7,n) (2,5,i)", "(1,7.25,n) (2,5.00,i)"}, {"(1,7,n) (2,6,i)", "(1,7.25,n) (2,5.50,i)"}}},
      {"UPDATE",
       "UPDATE {t} SET price = {v} WHERE id = 1",
       {"UPDATE {p} SET price = {v} WHERE t_id = 1"},
       {"9", "9.5"},
       {{"(1,9,n)", "(1,9.00,n)"}, {"(1,10,n)", "(1,9.50,n)"}}},
      {"UPDATE of the key",
       "UPDATE {t} SET id = 5, price = {v} WHERE id = 1",
       {"UPDATE {t} SET id = 5 WHERE id = 1", "UPDATE {p} SET price = {v} WHERE t_id = 5"},
       {"9", "9.5"},
       {{"(5,9,n)", "(5,9.00,n)"}, {"(5,10,n)", "(5,9.50,n)"}}},
      {"full-row save",
       "UPDATE {t} SET id = 1, price = {v}, {note} = 's' WHERE id = 1",
       {"UPDATE {t} SET id = 1, {note} = 's' WHERE id = 1", "UPDATE {p} SET t_id = 1, price = {v} WHERE t_id = 1"},
       {"7", "7.25"},
       {{"(1,7,s)", "(1,7.25,s)"}, {"(1,7,s)", "(1,7.25,s)"}}},
      {"UPSERT",
       "INSERT INTO {t} (id, price, {note}) VALUES (1, {v}, 'u') ON CONFLICT (id) DO UPDATE SET price = EXCLUDED.price, {note} = "
       "EXCLUDED.{note}",
       {"INSERT INTO {t} (id, {note}) VALUES (1, 'u') ON CONFLICT (id) DO UPDATE SET {note} = EXCLUDED.{note}",
        "INSERT INTO {p} VALUES (1, {v}) ON CONFLICT (t_id) DO UPDATE SET price = EXCLUDED.price"},
       {"4", "4.75"},
       {{"(1,4,u)", "(1,4.00,u)"}, {"(1,5,u)", "(1,4.75,u)"}}},
      {"DELETE",
       "DELETE FROM {t} WHERE id = 1 AND price = {v}",
       {"DELETE FROM {t} WHERE id = 1 AND id IN (SELECT t_id FROM {p} WHERE price = {v})"},
       {"7", "7.25"},
       {{"", ""}, {"", ""}}},
      {"COPY",
       "COPY {t} (id, price, {note}) FROM PROGRAM 'echo 3,{v},c' (FORMAT csv)",
       {"COPY {t} (id, {note}) FROM PROGRAM 'echo 3,c' (FORMAT csv)", "COPY {p} FROM PROGRAM 'echo 3,{v}' (FORMAT csv)"},
       {"6", "6.5"},
       {{"(1,7,n) (3,6,c)", "(1,7.25,n) (3,6.00,c)"}, {"(1,7,n) (3,7,c)", "(1,7.25,n) (3,6.50,c)"}}},
      {"MERGE",
       "MERGE INTO {t} AS m USING (VALUES (1), (4)) AS s(k) ON m.id = s.k WHEN MATCHED THEN UPDATE SET price = {v}"
       " WHEN NOT MATCHED THEN INSERT (id, price, {note}) VALUES (s.k, {v}, 'm')",
       {"MERGE INTO {t} AS m USING (VALUES (1), (4)) AS s(k) ON m.id = s.k WHEN NOT MATCHED THEN INSERT (id, {note}) VALUES (s.k, 'm')",
        "MERGE INTO {p} AS m USING (VALUES (1), (4)) AS s(k) ON m.t_id = s.k WHEN MATCHED THEN UPDATE SET price = {v}"
        " WHEN NOT MATCHED THEN INSERT VALUES (s.k, {v})"},
       {"3", "3.5"},
       {{"(1,3,n) (4,3,m)", "(1,3.00,n) (4,3.00,m)"}, {"(1,4,n) (4,4,m)", "(1,3.50,n) (4,3.50,m)"}}},
      {"TRUNCATE", "TRUNCATE {t} CASCADE", {"TRUNCATE {t} CASCADE"}, {"", ""}, {{"", ""}, {"", ""}}},
  };
  return all;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

// One statement, or two of a client for whom the price is apart.
std::vector<std::string> statements_of(const cell& c, bool apart, side s, const std::string& table) {
  std::vector<std::string> texts = apart ? c.apart : std::vector{c.sql};
  for (auto& text : texts)
    for (const auto& [what, with] : {std::pair<std::string, std::string>{"{t}", table},
                                     {"{p}", "public.prices"},
                                     {"{note}", s == old_side ? "note" : "remark"},
                                     {"{v}", c.value[s]}})
      text = replaced(text, what, with);
  return texts;
}

const std::string database = "accord_access_path";
const char* const schemas[] = {"t_v1", "t_v2"};
const char* const consumers[] = {"regress_path_old", "regress_path_new"};

class access_path : public testing::TestWithParam<subject> {
 protected:
  void SetUp() override {
    session::fresh(database);
    db_ = std::make_unique<session>("dbname=" + database);
    db_->run("SET client_min_messages = warning");
    db_->run(GetParam().tables);
    db_->run("SELECT accord.register_contract('t')");
    for (const char* name : consumers) {
      db_->run("DROP ROLE IF EXISTS " + std::string(name));
      db_->run("CREATE ROLE " + std::string(name) + " LOGIN IN ROLE pg_execute_server_program");
      db_->run("GRANT SELECT, INSERT, UPDATE, DELETE" + std::string(may_truncate() ? ", TRUNCATE" : "") + " ON t TO " + name);
      db_->run("SELECT accord.register_consumer('" + std::string(name) + "', role => '" + name + "')");
      db_->run("SELECT accord.subscribe('t', '" + std::string(name) + "', version => '1')");
    }
    db_->run("SELECT accord.stage('t', " + GetParam().stage + ")");
    db_->run("CALL accord.backfill('t')");
    for (int s : {0, 1})
      db_->run("SELECT accord.switch_version('t', '" + std::string(consumers[s]) + "', '" + std::to_string(s + 1) + "')");
    for (const char* name : {"path", "qualified", "base", "function", "procedure", "pool", "prepared"})
      for (int s : {0, 1})
        open(std::string(name) + std::to_string(s), "");
    for (int s : {0, 1})
      open("consumer" + std::to_string(s), std::string(" user=") + consumers[s]);
  }

  void open(const std::string& name, const std::string& options) {
    sessions_[name] = std::make_unique<session>("dbname=" + database + options);
  }
  session& at(const std::string& name, side s) { return *sessions_.at(name + std::to_string(s)); }

  // A table that others come to reference cannot be emptied without them: the guard keeps that from those who may.
  static bool may_truncate() { return !GetParam().apart[new_side]; }

  void begin_again() {
    db_->run("DELETE FROM t_v1.t");
    if (GetParam().apart[new_side])
      db_->run("INSERT INTO t_v2.t (id, remark) VALUES (1, 'n'); INSERT INTO prices VALUES (1, 7.25)");
    else
      db_->run("INSERT INTO t_v2.t (id, price, remark) VALUES (1, 7.25, 'n')");
  }
  std::string rows(side s) {
    return db_->value(std::string("SELECT coalesce(string_agg(format('(%s,%s,%s)', id, price, ") + (s == old_side ? "note" : "remark") +
                      "), ' ' ORDER BY id), '') FROM " + schemas[s] + ".t" + (GetParam().apart[s] ? " LEFT JOIN prices ON t_id = id" : ""));
  }
  static std::vector<std::string> statements(const cell& c, side s, const std::string& table) {
    return statements_of(c, GetParam().apart[s], s, table);
  }
  static std::string text_of(const cell& c, side s, const std::string& table) {
    std::string text;
    for (const auto& statement : statements(c, s, table))
      text += (text.empty() ? "" : "; ") + statement;
    return text;
  }

  // What a client of that version does, one way after the other; `base` is the version whose shape the table itself has.
  using way = std::function<void(const cell&, side)>;
  std::vector<std::pair<std::string, way>> ways(side base) {
    auto name = [&](const cell& c) { return "w_" + std::to_string(&c - cells().data()); };
    auto view = [](side s) { return std::string(schemas[s]) + ".t"; };
    return {
        {"search_path",
         [=, this](const cell& c, side s) {
           at("path", s).run("SET search_path = " + std::string(schemas[s]) + ", public");
           at("path", s).run(text_of(c, s, "t"));
         }},
        {"qualified view", [=, this](const cell& c, side s) { at("qualified", s).run(text_of(c, s, view(s))); }},
        {"consumer view", [this](const cell& c, side s) { at("consumer", s).run(text_of(c, s, "t")); }},
        {"base table", [=, this](const cell& c, side s) { at("base", s).run(text_of(c, s, s == base ? "public.t" : view(s))); }},
        {"SQL function",
         [=, this](const cell& c, side s) {
           std::string f = name(c) + "_sql_" + schemas[s];
           at("function", s).run("SET check_function_bodies = off");
           if (at("function", s).value("SELECT to_regproc('" + f + "') IS NULL") == "t")
             at("function", s).run("CREATE FUNCTION " + f + "() RETURNS void LANGUAGE sql AS $f$ " + text_of(c, s, view(s)) + " $f$");
           at("function", s).run("SELECT " + f + "()");
         }},
        {"PL/pgSQL function with a search_path of its own",
         [=, this](const cell& c, side s) {
           std::string f = name(c) + "_pl_" + schemas[s];
           if (at("procedure", s).value("SELECT to_regproc('" + f + "') IS NULL") == "t")
             at("procedure", s)
                 .run("CREATE FUNCTION " + f + "() RETURNS void LANGUAGE plpgsql SET search_path = " + schemas[s] +
                      ", pg_temp AS $f$ BEGIN " + text_of(c, s, "t") + "; END $f$");
           at("procedure", s).run("SELECT " + f + "()");
         }},
        {"pooled connection with a stale path",
         [=, this](const cell& c, side s) {
           auto& pool = at("pool", s);
           pool.run("SET search_path = " + std::string(schemas[1 - s]) + ", public");
           pool.run("BEGIN");
           pool.run("SET LOCAL search_path = " + std::string(schemas[s]) + ", public");
           try {
             pool.run(text_of(c, s, "t"));
           } catch (...) {
             pool.run("ROLLBACK");
             throw;
           }
           pool.run("COMMIT");
         }},
        {"prepared statement",
         [=, this](const cell& c, side s) {
           auto& client = at("prepared", s);
           if (c.kind == "COPY" || c.kind == "TRUNCATE") {  // nobody can prepare it
             client.run(text_of(c, s, view(s)));
             return;
           }
           int number = 0;
           for (const auto& statement : statements(c, s, "t")) {
             std::string prepared = name(c) + "_" + std::to_string(number++);
             if (client.value("SELECT count(*) FROM pg_prepared_statements WHERE name = '" + prepared + "'") == "0") {
               client.run("SET search_path = " + std::string(schemas[s]));
               client.run("SET plan_cache_mode = force_generic_plan");
               client.run("PREPARE " + prepared + " AS " + statement);
             }
             client.run("EXECUTE " + prepared);
           }
         }},
    };
  }

  // The words with which PostgreSQL or the guard refuses it; empty: it works.
  std::string refusal(const std::string& way, const cell& c, side s, side base) {
    if (c.kind == "MERGE" && !(way == "base table" && s == base) && db_->number("SHOW server_version_num") < 170000)
      return "HINT:  Before PostgreSQL 17 MERGE takes tables only";
    if (c.kind == "TRUNCATE" && way == "consumer view")  // the others are the owner's
      return may_truncate() ? "TRUNCATE TABLE would break contract" : "permission denied for";
    return "";
  }

  void try_all(side base) {
    int tried = 0;
    for (const auto& [name, write] : ways(base))
      for (const auto& c : cells())
        for (side s : {old_side, new_side}) {
          SCOPED_TRACE(name + ", " + c.kind + (s == old_side ? ", old client" : ", new client") + (base == old_side ? "" : ", completed"));
          begin_again();
          std::string refused = refusal(name, c, s, base);
          if (refused.empty()) {
            ASSERT_NO_THROW(write(c, s));
            EXPECT_EQ(rows(old_side), c.rows[s][old_side]);
            EXPECT_EQ(rows(new_side), c.rows[s][new_side]);
          } else {
            // An error, and nothing is half written.
            try {
              write(c, s);
              ADD_FAILURE() << "not refused";
            } catch (const pqxx::sql_error& e) {
              EXPECT_NE(std::string(e.what()).find(refused), std::string::npos) << e.what();
            }
            EXPECT_EQ(rows(old_side), "(1,7,n)");
            EXPECT_EQ(rows(new_side), "(1,7.25,n)");
          }
          tried++;
        }
    EXPECT_EQ(tried, 8 * 9 * 2);
  }

  std::unique_ptr<session> db_;
  std::map<std::string, std::unique_ptr<session>> sessions_;
};

TEST_P(access_path, loses_and_degrades_nothing) {
  try_all(old_side);
  // The old version's clients stay: their views go on.
  db_->run("SELECT accord.complete('t', force => true)");
  try_all(new_side);
  EXPECT_EQ(db_->value("SELECT string_agg(DISTINCT verdict, ' ') FROM accord.verify('t')"), "ok");
  EXPECT_EQ(db_->value("SELECT string_agg(element, ', ') FROM accord.drift() WHERE kind <> 'name'"), "");
}

INSTANTIATE_TEST_SUITE_P(of, access_path, testing::ValuesIn(subjects), [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace accord_test
