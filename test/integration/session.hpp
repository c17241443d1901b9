// session: a connection for tests, written so that libpqxx 6.4, 7 and 8 all compile it.
#pragma once

#include <chrono>
#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <thread>

namespace accord_test {

class session {
 public:
  explicit session(const std::string& options = "") : connection_(std::make_unique<pqxx::connection>(options)) {}

  // A new database of that name with the extension in it.
  static void fresh(const std::string& database) {
    session admin;
    admin.run("DROP DATABASE IF EXISTS " + database + " WITH (FORCE)");
    admin.run("CREATE DATABASE " + database + " TEMPLATE template0");
    session inside("dbname=" + database);
    inside.run("SET client_min_messages = warning");
    inside.run("CREATE EXTENSION pg_accord");
  }

  // For what the guard keeps everybody from doing.
  void without_guard() {
    run("DO $$ BEGIN IF current_setting('accord.guard', true) IS NOT NULL THEN PERFORM set_config('accord.guard', 'off', false); END IF; "
        "END $$");
  }

  pqxx::result run(const std::string& sql) {
    pqxx::nontransaction plain(*connection_);
    return plain.exec(sql);
  }
  std::string value(const std::string& sql) {
    auto rows = run(sql);
    return rows.empty() || rows[0][0].is_null() ? "" : rows[0][0].c_str();
  }
  long number(const std::string& sql) { return std::stol(value(sql)); }
  std::string quoted(const std::string& text) { return connection_->quote(text); }
  int pid() { return static_cast<int>(number("SELECT pg_backend_pid()")); }

  // Runs until the query gives true; false: it did not within the time.
  bool wait_for(const std::string& sql, int seconds = 30) {
    for (auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds); std::chrono::steady_clock::now() < end;) {
      if (value(sql) == "t") return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  // A table of `rows` rows whose delay becomes an interval, prepared for the backfill.
  void stage_delays(int rows) {
    run("SET client_min_messages = warning");
    run("CREATE TABLE t (id bigint PRIMARY KEY, delay integer, note text)");
    run("INSERT INTO t SELECT g, g % 1000, repeat('x', 40) FROM generate_series(1, " + std::to_string(rows) + ") g");
    run("SELECT accord.register_contract('t')");
    run("SELECT accord.stage('t', 'ALTER TABLE t ALTER COLUMN delay TYPE interval USING make_interval(mins => delay)',"
        " down => 'delay = (extract(epoch FROM delay) / 60)::integer')");
    run("VACUUM ANALYZE t");
  }

 private:
  std::unique_ptr<pqxx::connection> connection_;
};

}  // namespace accord_test
