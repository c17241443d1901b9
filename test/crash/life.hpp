// A migration whose steps are killed, and what must hold of all its rows afterwards.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <tuple>

#include "server.hpp"
#include "subjects.hpp"

namespace accord_test {

enum class victim { process, postmaster };
enum class shape { old, changed };
enum class side { table, old_view, new_view };

// The suite tries some points of a step and the last, ACCORD_CRASH_STRIDE=1 all of them.
inline int stride() {
  const char* given = std::getenv("ACCORD_CRASH_STRIDE");
  return given ? std::max(1, std::atoi(given)) : 60;
}

class life : public testing::TestWithParam<std::tuple<const subject*, victim>> {
 protected:
  const subject& it() const { return *std::get<0>(GetParam()); }

  void SetUp() override {
    {
      // Before each recovery the server flushes its whole directory, file by file: seconds of every crash.  One call does the same.
      session admin;
      admin.run("ALTER SYSTEM SET recovery_init_sync_method = 'syncfs'");
      admin.run("SELECT pg_reload_conf()");
    }
    session::fresh(database_);
    auto db = connect();
    std::ifstream points(ACCORD_ROOT "/test/crash/points.sql");
    db.run(std::string(std::istreambuf_iterator<char>(points), {}));
    db.run(it().setup);
    db.run("DROP ROLE IF EXISTS regress_crash_app");
    db.run("CREATE ROLE regress_crash_app LOGIN");
    db.run("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO regress_crash_app");
    db.run("SELECT accord.register_consumer('app', role => 'regress_crash_app')");
    for (const auto& table : it().tables) {
      db.run("SELECT accord.register_contract('" + table + "')");
      db.run("SELECT accord.subscribe('" + table + "', 'app', version => '1')");
    }
    db.run(
        "DO $$ DECLARE t regclass; BEGIN FOR t IN SELECT c.oid FROM pg_class c WHERE c.relnamespace = 'accord_catalog'::regnamespace AND"
        " relkind = 'r' LOOP EXECUTE format('CREATE TRIGGER crash AFTER INSERT OR UPDATE OR DELETE ON %s EXECUTE FUNCTION "
        "crash.at_write()', t); END LOOP; END $$");
    db.run("CREATE EVENT TRIGGER crash ON ddl_command_end EXECUTE FUNCTION crash.at_command()");
    db.run("CHECKPOINT");
  }

  session connect(const std::string& more = "") {
    session db("dbname=" + database_ + more);
    db.run("SET client_min_messages = warning");
    return db;
  }
  void quietly(const std::string& sql) { connect().run(sql); }

  // {t} and the others as that side calls them, in the newest migration.
  std::string words(session& db, std::string text, side s) {
    for (const auto& table : it().tables) {
      std::string name = table;
      if (s != side::table)
        name =
            db.value(std::string("SELECT ") + (s == side::old_view ? "from" : "to") +
                     "_schema FROM accord_catalog.migration_relation JOIN accord_catalog.contract c ON c.id = contract_id WHERE last_name"
                     " = '" +
                     table + "' ORDER BY migration_id DESC LIMIT 1") +
            "." + table;
      text = replaced(text, "{" + table + "}", name);
    }
    return text;
  }
  void write(const std::string& sql, side s, int k) {
    auto db = connect();
    db.run(replaced(words(db, sql, s), "{k}", std::to_string(k)));
  }

  // "none", the state of the migration, or "purged".
  std::string state(session& db) {
    return db.value(
        "SELECT coalesce((SELECT string_agg(DISTINCT state, ', ') FROM accord.status),"
        " (SELECT state FROM (SELECT state FROM accord_catalog.migration ORDER BY id DESC LIMIT 1) m WHERE state = 'purged'), 'none')");
  }
  // All rows, in the words of the old version.
  std::string contents(session& db) {
    std::string now = state(db);
    bool changed = now == "completed" || now == "purged";
    return db.value("SELECT count(*) || ' ' || sum(hashtext(key || ': ' || line)::bigint) FROM (" +
                    words(db, changed ? it().new_rows : it().old_rows, side::table) + ") rows(key, line)");
  }

  // Runs the step and kills it at its n-th point.  False: the step ran through and has no such point.
  bool killed_at(int n, const std::function<void(session&)>& step);
  // DESIGN 12.3 to 12.6 over all rows, as far as they can be said at rest: filled rows agree in both versions, nothing is lost, nothing is
  // there that should not be.
  void expect_sound(session& db, const std::string& wanted_state, const std::string& wanted_contents, bool at_rest = true);
  void expect_sound(const std::string& wanted_state, const std::string& wanted_contents, bool at_rest = true) {
    auto db = connect();
    expect_sound(db, wanted_state, wanted_contents, at_rest);
  }
  // Taken, counted and taken back.
  int points_of(const std::string& step);
  void crash_postmaster() {
    kill(postmaster_pid(), SIGKILL);
    start_server();
    wait_for_server();
  }

  std::string database_ = "accord_crash_life";
  int killed_ = 0;

 private:
  static std::string replaced(std::string text, const std::string& what, const std::string& with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
      text.replace(at, what.size(), with);
    return text;
  }
  void expect_both_agree(session& db);
};

inline bool life::killed_at(int n, const std::function<void(session&)>& step) {
  std::atomic<bool> ended{false};
  std::string error;
  {
    auto watcher = connect();
    watcher.run("SELECT crash.arm(" + std::to_string(n) + ")");
  }
  std::thread taker([&] {
    try {
      auto db = connect();
      step(db);
    } catch (const std::exception& e) {
      error = e.what();
    }
    ended = true;
  });
  int stopped = 0;
  {
    auto watcher = connect();
    while (!ended && !stopped) {
      auto found = watcher.value("SELECT pid FROM pg_stat_activity WHERE application_name = 'crash point' AND wait_event = 'PgSleep'");
      if (found.empty())
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      else
        stopped = std::stoi(found);
    }
    if (stopped && std::get<victim>(GetParam()) == victim::process) kill_process(stopped);
    if (stopped && std::get<victim>(GetParam()) == victim::postmaster) kill(postmaster_pid(), SIGKILL);
  }
  taker.join();
  if (!stopped) {
    EXPECT_EQ(error, "");
    connect().run("SELECT crash.disarm()");
    return false;
  }
  killed_++;
  if (std::get<victim>(GetParam()) == victim::postmaster) {
    start_server();
    wait_for_server();
  }
  connect().run("SELECT crash.disarm()");
  return true;
}

inline int life::points_of(const std::string& step) {
  auto db = connect();
  db.run("SELECT crash.disarm()");
  db.run("BEGIN");
  db.run(step);
  db.run("ROLLBACK");
  return static_cast<int>(db.number("SELECT last_value FROM crash.passed")) -
         (db.value("SELECT is_called FROM crash.passed") == "t" ? 0 : 1);
}

inline void life::expect_both_agree(session& db) {
  std::string pending = "SELECT NULL WHERE false";
  for (const auto& row : db.run(
           "SELECT relation::regclass, marker FROM accord_catalog.migration_relation r JOIN accord_catalog.contract c ON c.id = contract_id"
           " WHERE marker IS NOT NULL AND migration_id = (SELECT max(id) FROM accord_catalog.migration)"))
    pending += std::string(" UNION ALL SELECT '") + row[0].c_str() + " ' || id FROM " + row[0].c_str() + " WHERE " + row[1].c_str() +
               " IS NOT NULL";
  EXPECT_EQ(
      db.value("SELECT string_agg(format('%s: %s or %s', coalesce(o.key, n.key), o.line, n.line), '; ') FROM (" +
               words(db, it().old_rows, side::old_view) + ") o(key, line) FULL JOIN (" + words(db, it().new_rows, side::new_view) +
               ") n(key, line) ON n.key = o.key WHERE o.line IS DISTINCT FROM n.line AND coalesce(o.key, n.key) NOT IN (" + pending + ")"),
      "");
}

inline void life::expect_sound(session& db, const std::string& wanted_state, const std::string& wanted_contents, bool at_rest) {
  EXPECT_EQ(state(db), wanted_state);
  EXPECT_EQ(contents(db), wanted_contents);
  EXPECT_EQ(db.value("SELECT string_agg(element || ': ' || detail, ', ') FROM accord.drift()"), "");
  if (at_rest) {
    EXPECT_EQ(db.value("SELECT string_agg(x, ', ') FROM crash.left_behind() x"), "");
  }
  auto there = [&](const std::string& table) { return db.value("SELECT to_regclass('" + table + "') IS NOT NULL") == "t"; };
  for (const auto& table : it().old_only)
    EXPECT_EQ(there(table), wanted_state != "purged") << table;
  for (const auto& table : it().new_only)
    EXPECT_EQ(there(table), wanted_state != "none") << table;
  if (wanted_state == "preparing" || wanted_state == "active" || wanted_state == "completed") expect_both_agree(db);
  if (wanted_state == "active" || wanted_state == "completed") {
    for (const auto& table : it().tables)
      EXPECT_EQ(db.value("SELECT string_agg(DISTINCT verdict, ' ') FROM accord.verify('" + table + "')"), "ok") << table;
  }
}

}  // namespace accord_test
