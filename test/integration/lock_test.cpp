// Every step that needs a strong lock, against somebody who has the table: it gives up within its budget, names who is in the way, has changed
// nothing and cancelled nobody; and whoever comes after it never waits for longer than one of its tries.
#include <algorithm>
#include <atomic>
#include <gtest/gtest.h>

#include "session.hpp"

namespace accord_test {
namespace {

const std::string database = "accord_locks";

struct step {
  std::string name, before, sql, after;  // before: SQL that leads to it; after: what the way back is
};

const std::string staged = "SELECT accord.stage('t', 'ALTER TABLE t ALTER COLUMN a TYPE bigint')";

const std::vector<step>& steps() {
  static const std::vector<step> all = {
      {"stage", "SELECT 1", "SELECT accord.stage('t', 'ALTER TABLE t ALTER COLUMN a TYPE bigint', {limits})", ""},
      {"rollback", staged, "SELECT accord.rollback('t', {limits})", ""},
      {"complete", staged + "; CALL accord.backfill('t')", "SELECT accord.complete('t', {limits})", ""},
      {"undo", staged + "; CALL accord.backfill('t'); SELECT accord.complete('t')", "SELECT accord.rollback('t', {limits})", ""},
      {"purge", staged + "; CALL accord.backfill('t'); SELECT accord.complete('t')", "SELECT accord.purge('t', {limits})", ""},
  };
  return all;
}

void run_all(session& db, std::string script) {
  for (std::size_t at; !script.empty(); script = at == std::string::npos ? "" : script.substr(at + 2)) {
    at = script.find("; ");
    db.run(script.substr(0, at));
  }
}

std::string limited(std::string sql, const std::string& limits) {
  return sql.replace(sql.find("{limits}"), 8, limits);
}

double ms_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

class locks : public testing::TestWithParam<step> {
 protected:
  void SetUp() override {
    session::fresh(database);
    db_ = std::make_unique<session>("dbname=" + database);
    db_->run("SET client_min_messages = warning");
    db_->run("CREATE TABLE t (id integer PRIMARY KEY, a integer UNIQUE CHECK (a > 0))");
    db_->run("INSERT INTO t SELECT g, g FROM generate_series(1, 100) g");
    db_->run("SELECT accord.register_contract('t')");
    run_all(*db_, GetParam().before);
    state_ = state();
  }
  std::string state() {
    return db_->value("SELECT coalesce(string_agg(state, ' '), 'none') FROM accord.status") + " " +
           db_->value(
               "SELECT string_agg(attname || atttypid::regtype, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 't'::regclass "
               "AND attnum > 0") +
           " " + db_->value("SELECT count(*) FROM pg_class WHERE relname = 't' AND relkind = 'v'");
  }

  // The step against a reader whose transaction goes on; `reader_age`: how old it is when the step begins.
  void give_up(int reader_age_ms, double most_blocked_ms) {
    session reader("dbname=" + database);
    reader.run("BEGIN");
    reader.run("SELECT count(*) FROM t");
    std::this_thread::sleep_for(std::chrono::milliseconds(reader_age_ms));

    std::atomic<bool> stop{false};
    std::atomic<int> statements{0};
    double slowest = 0;
    std::string client_error;
    std::thread client([&] {
      try {
        session other("dbname=" + database);
        while (!stop) {
          auto start = std::chrono::steady_clock::now();
          other.run("SELECT a FROM t WHERE id = 7");
          slowest = std::max(slowest, ms_since(start));
          statements++;
        }
      } catch (const std::exception& e) {
        client_error = e.what();
      }
    });
    while (statements < 10 && client_error.empty())
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    auto start = std::chrono::steady_clock::now();
    try {
      db_->run(limited(GetParam().sql, "lock_timeout => '100 ms', lock_budget => '400 ms'"));
      ADD_FAILURE() << "it did not wait for the reader";
    } catch (const pqxx::sql_error& e) {
      const std::string text = e.what();
      EXPECT_EQ(e.sqlstate(), "55P03") << text;
      EXPECT_NE(text.find("could not lock table \"t\""), std::string::npos) << text;
      EXPECT_NE(text.find("process " + std::to_string(reader.pid()) + " of role \"postgres\" holds"), std::string::npos) << text;
    }
    double took = ms_since(start);
    stop = true;
    client.join();
    EXPECT_EQ(client_error, "");
    EXPECT_LT(took, 10 * 400 + 5000 + 2000) << "more than ten budgets and a pause";
    EXPECT_LE(slowest, most_blocked_ms) << "a client waited behind the step";
    EXPECT_EQ(reader.value("SELECT count(*) FROM t"), "100");  // nobody was cancelled
    EXPECT_EQ(state(), state_);
    std::printf("%s, reader of %d ms: gave up after %.0f ms, slowest client %.1f ms\n", GetParam().name.c_str(), reader_age_ms, took,
                slowest);

    // When the reader goes in time, the step is taken.
    std::thread ends([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      reader.run("COMMIT");
    });
    EXPECT_NO_THROW(db_->run(limited(GetParam().sql, "lock_timeout => '100 ms', lock_budget => '30 s'")));
    ends.join();
    EXPECT_NE(state(), state_);
  }

  std::unique_ptr<session> db_;
  std::string state_;
};

// The machine may be busy: what a client waits beyond a try of the step is its own.
constexpr double scheduling_ms = 400;

TEST_P(locks, gives_up_behind_a_reader_that_has_just_begun) {
  give_up(0, 100 + scheduling_ms);
}
// After its first, short try it does not even queue.
TEST_P(locks, gives_up_behind_a_long_reader) {
  give_up(1500, 50 + scheduling_ms);
}

INSTANTIATE_TEST_SUITE_P(step_of, locks, testing::ValuesIn(steps()), [](const auto& info) { return info.param.name; });

// The steps of the backfill's end: keys are added and constraints become the table's own while a reader has it.
TEST(locks_of_activation, give_up_and_leave_no_invalid_index) {
  session::fresh(database);
  session db("dbname=" + database), reader("dbname=" + database);
  db.run("SET client_min_messages = warning");
  db.run("CREATE TABLE t (id integer PRIMARY KEY, a integer UNIQUE)");
  db.run("INSERT INTO t SELECT g, g FROM generate_series(1, 100) g");
  db.run("SELECT accord.register_contract('t')");
  db.run(staged);
  db.run("CALL accord.backfill('t', only_rows => 'true')");
  reader.run("BEGIN");
  reader.run("SELECT count(*) FROM t");
  try {
    db.run("CALL accord.backfill('t')");
    ADD_FAILURE() << "the unique index became a constraint under a reader";
  } catch (const pqxx::sql_error& e) {
    EXPECT_EQ(e.sqlstate(), "55P03") << e.what();
    EXPECT_NE(std::string(e.what()).find("process " + std::to_string(reader.pid())), std::string::npos) << e.what();
  }
  EXPECT_EQ(db.value("SELECT state FROM accord.status"), "preparing");
  EXPECT_EQ(db.number("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), 0);
  EXPECT_EQ(reader.value("SELECT count(*) FROM t"), "100");
  reader.run("COMMIT");
  db.run("CALL accord.backfill('t')");
  EXPECT_EQ(db.value("SELECT state FROM accord.status"), "active");
}

}  // namespace
}  // namespace accord_test
