// Every operation through every transition of a migration: begun, written by clients of both versions, rolled back; begun, completed, undone;
// begun, completed and purged.  Nothing written is lost on any way, what is taken back leaves the dump as it was, and what is kept to the end
// gives the dump of the same DDL on a table without a migration, but for the order of columns.
#include <algorithm>
#include <array>
#include <cstdio>
#include <gtest/gtest.h>

#include "operations.hpp"
#include "operations_more.hpp"
#include "operations_partitioned.hpp"
#include "session.hpp"

namespace accord_test {
namespace {

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

// The schema public, statement by statement: of CREATE TABLE the lines.
std::vector<std::string> dump(const std::string& database) {
  std::vector<std::string> lines;
  FILE* pipe = popen(("pg_dump -s -n public -d " + database).c_str(), "r");
  std::array<char, 4096> buffer{};
  while (fgets(buffer.data(), buffer.size(), pipe)) {
    std::string line = buffer.data();
    line.pop_back();
    if (!line.empty() && !line.starts_with("--") && !line.starts_with("\\") && !line.starts_with("SET ") && !line.starts_with("SELECT "))
      lines.push_back(line);
  }
  EXPECT_EQ(pclose(pipe), 0);
  return lines;
}

std::string in_any_order(std::vector<std::string> lines) {
  for (auto& line : lines)
    if (line.ends_with(',')) line.pop_back();
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const auto& line : lines)
    text += line + '\n';
  return text;
}

// Some of them with tables below t: one that only inherits, one that defines every column and constraint itself too, with its own indexes,
// and one below that.  The second row is in one of them, and so is filled and read through t alone.
std::vector<operation> on_trees() {
  const std::vector<std::string> chosen = {"add_column",
                                           "add_computed_column",
                                           "drop_column",
                                           "exchange_names",
                                           "change_type_using",
                                           "set_not_null",
                                           "drop_not_null",
                                           "defaults_of_a_retyped_column",
                                           "add_check",
                                           "drop_check",
                                           "serial",
                                           "foreign_key_on_a_retyped_column",
                                           "split_column",
                                           "all_at_once",
                                           "identity_by_default_of_a_retyped_column",
                                           "comments_on_what_stands_on_a_column",
                                           "deferrable_primary_key_on_a_retyped_column",
                                           "exclusions_on_a_retyped_column"};
  std::vector<operation> result;
  for (const auto& list : {operations(), operations_around(), key_operations()})
    for (const auto& o : list)
      if (std::find(chosen.begin(), chosen.end(), o.name) != chosen.end()) result.push_back(o);
  EXPECT_EQ(result.size(), chosen.size());
  for (auto& o : result) {
    o.name += "_on_a_tree";
    o.table +=
        "; CREATE TABLE below () INHERITS (t); CREATE TABLE alike (own text, LIKE t INCLUDING ALL) INHERITS (t);"
        "CREATE TABLE below_alike (more integer) INHERITS (alike); CREATE INDEX ON below_alike (id, more); CREATE INDEX ON below (id)";
    o.rows += "; WITH moved AS (DELETE FROM ONLY t WHERE id = 2 RETURNING *) INSERT INTO below SELECT * FROM moved";
  }
  return result;
}

class every_operation : public testing::TestWithParam<operation> {
 protected:
  void SetUp() override {
    name_ = "accord_" + op().name;
    session::fresh(name_);
    db_ = std::make_unique<session>("dbname=" + name_);
    db_->run("SET client_min_messages = warning");
    db_->run(op().table);
    db_->run(op().rows);
    db_->run("SELECT accord.register_contract('t')");
  }
  const operation& op() const { return GetParam(); }

  void stage() {
    auto text = [&](const std::string& list) { return list.empty() ? "NULL" : db_->quoted(list); };
    auto row = db_->run("SELECT view, split_part(from_version, '.', 1) FROM accord.stage('t', " + db_->quoted(op().ddl) + ", " +
                        text(op().up) + ", " + text(op().down) + ")");
    new_view_ = row[0][0].c_str();
    old_view_ = std::string("t_v") + row[0][1].c_str() + ".t";
  }
  void fill() {
    db_->run("CALL accord.backfill('t')");
    EXPECT_EQ(db_->value("SELECT state FROM accord.status"), "active");
    expect_no_drift();
  }
  std::string step(const std::string& function, const std::string& table) {
    auto state = db_->value("SELECT state FROM accord." + function + "('" + table + "')");
    expect_no_drift();
    return state;
  }
  // What stage promised is what the step made.
  void expect_no_drift() {
    EXPECT_EQ(db_->value("SELECT string_agg(concat(contract, ' ', element, ': ', detail), ', ') FROM accord.drift()"), "");
  }
  void write(const operation::side& side, const std::string& table) { db_->run(replaced(side.writes, "{t}", table)); }
  std::string read(const operation::side& side, const std::string& table) {
    return db_->value("SELECT string_agg(x::text, ' ' ORDER BY id) FROM (SELECT " + side.columns + " FROM " + table + ") x");
  }
  void expect_both(const std::string& old_table, const std::string& new_table) {
    EXPECT_EQ(read(op().old_side, old_table), op().old_side.result);
    EXPECT_EQ(read(op().new_side, new_table), op().new_side.result);
    EXPECT_EQ(db_->value("SELECT string_agg(check_name || ': ' || verdict, ', ') FROM accord.verify('" + new_table +
                         "') WHERE verdict NOT IN ('ok', 'one-way')"),
              "");
  }
  void as_in_the_beginning() {
    db_->run("SET accord.guard = off");
    db_->run("TRUNCATE t RESTART IDENTITY CASCADE");
    db_->run(op().rows);
    db_->run("RESET accord.guard");
  }
  std::string schemas() { return db_->value("SELECT string_agg(nspname, ' ' ORDER BY nspname) FROM pg_namespace WHERE nspname !~ '^pg_'"); }

  std::string name_, old_view_, new_view_;
  std::unique_ptr<session> db_;
};

TEST_P(every_operation, goes_every_way) {
  const auto before = dump(name_);
  const auto schemas_before = schemas();
  {
    SCOPED_TRACE("rolled back while both versions are in use");
    stage();
    fill();
    write(op().old_side, "t");
    write(op().new_side, new_view_);
    expect_both(old_view_, new_view_);
    EXPECT_EQ(read(op().old_side, "t"), op().old_side.result);
    EXPECT_EQ(step("rollback", "t"), "rolled back");
    EXPECT_EQ(read(op().old_side, "t"), op().old_side.result);
    EXPECT_EQ(dump(name_), before);
    EXPECT_EQ(schemas(), schemas_before);
  }
  as_in_the_beginning();
  {
    SCOPED_TRACE("completed, and undone");
    stage();
    fill();
    EXPECT_EQ(step("complete", "t"), "completed");
    write(op().old_side, old_view_);
    write(op().new_side, op().renamed);
    expect_both(old_view_, new_view_);
    EXPECT_EQ(read(op().new_side, op().renamed), op().new_side.result);
    EXPECT_EQ(step("rollback", op().renamed), "rolled back");
    EXPECT_EQ(read(op().old_side, "t"), op().old_side.result);
    EXPECT_EQ(dump(name_), before);
    EXPECT_EQ(schemas(), schemas_before);
  }
  as_in_the_beginning();
  {
    SCOPED_TRACE("completed and purged");
    stage();
    write(op().old_side, "t");  // before the backfill
    fill();
    EXPECT_EQ(step("complete", "t"), "completed");
    EXPECT_EQ(step("purge", op().renamed), "purged");
    write(op().new_side, op().renamed);
    EXPECT_EQ(read(op().new_side, op().renamed), op().new_side.result);
  }
  session::fresh(name_ + "_plain");
  {
    session plain("dbname=" + name_ + "_plain");
    plain.run(op().table);
    plain.run((op().plain.empty() ? op().ddl : op().plain) + "; " + op().beside);
  }
  EXPECT_EQ(in_any_order(dump(name_)), in_any_order(dump(name_ + "_plain")));
}

INSTANTIATE_TEST_SUITE_P(staged, every_operation, testing::ValuesIn(operations()), [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(around, every_operation, testing::ValuesIn(operations_around()), [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(generated, every_operation, testing::ValuesIn(generated_operations()),
                         [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(partitioned, every_operation, testing::ValuesIn(partitioned_operations()),
                         [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(keys, every_operation, testing::ValuesIn(key_operations()), [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(trees, every_operation, testing::ValuesIn(on_trees()), [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace accord_test
