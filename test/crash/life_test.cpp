// kill -9 at every point of every step of a migration's life, of the process that takes the step and of the postmaster.
//
// Where a step can be stopped is in points.sql: after each DDL command and each write to the bookkeeping.  There is no list of them: a test
// counts them, or tries one after the other until the step runs through, so that what a step does more tomorrow is killed tomorrow.
// That is several hundred crashes: the suite tries each ninth point and the last, ACCORD_CRASH_STRIDE=1 all of them.
// A step that is one transaction has changed nothing when it is killed; one of several goes on where it was.
#include <algorithm>
#include <atomic>
#include <functional>

#include "server.hpp"

namespace accord_test {
namespace {

enum class victim { process, postmaster };

constexpr int rows = 300;

int stride() {
  const char* given = std::getenv("ACCORD_CRASH_STRIDE");
  return given ? std::max(1, std::atoi(given)) : 9;
}

const char* const stage_it =
    "SELECT accord.stage('t', 'ALTER TABLE t ALTER COLUMN delay TYPE numeric(8,1) USING delay / 2.0, ALTER COLUMN code TYPE bigint, ALTER "
    "COLUMN p TYPE bigint, ADD COLUMN label text; ALTER TABLE t RENAME COLUMN note TO remark; DROP TABLE labels', up => 'label = "
    "labels.label', down => 'delay = round(delay * 2)')";

class life : public testing::TestWithParam<victim> {
 protected:
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
    db.run("CREATE TABLE p (id integer PRIMARY KEY)");
    db.run("INSERT INTO p SELECT generate_series(0, 9)");
    db.run(
        "CREATE TABLE t (id bigint PRIMARY KEY, delay integer NOT NULL DEFAULT 4 CHECK (delay >= 0), code integer UNIQUE,"
        " p integer REFERENCES p, note text)");
    db.run("CREATE INDEX by_delay ON t (delay)");
    db.run("INSERT INTO t SELECT g, g % 100, g, g % 10, repeat('x', 200) FROM generate_series(1, " + std::to_string(rows) + ") g");
    db.run("CREATE TABLE labels (t_id bigint PRIMARY KEY REFERENCES t, label text)");
    db.run("INSERT INTO labels SELECT id, 'l' || id FROM t WHERE id % 3 > 0");
    db.run("DROP ROLE IF EXISTS regress_crash_app");
    db.run("CREATE ROLE regress_crash_app LOGIN");
    db.run("GRANT SELECT, INSERT, UPDATE, DELETE ON t TO regress_crash_app");
    db.run("SELECT accord.register_contract('t')");
    db.run("SELECT accord.register_consumer('app', role => 'regress_crash_app')");
    db.run("SELECT accord.subscribe('t', 'app', version => '1')");
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

  // Runs the step and kills it at its n-th point.  False: the step ran through and has no such point.
  bool killed_at(int n, const std::function<void(session&)>& step) {
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
      if (stopped && GetParam() == victim::process) kill_process(stopped);
      if (stopped && GetParam() == victim::postmaster) kill(postmaster_pid(), SIGKILL);
    }
    taker.join();
    if (!stopped) {
      EXPECT_EQ(error, "");
      connect().run("SELECT crash.disarm()");
      return false;
    }
    killed_++;
    if (GetParam() == victim::postmaster) {
      start_server();
      wait_for_server();
    }
    connect().run("SELECT crash.disarm()");
    return true;
  }

  // All rows of the table, in the words of the old version.
  std::string contents(session& db) {
    bool renamed = db.value("SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'remark')") == "t";
    bool moved = db.value("SELECT to_regclass('labels') IS NULL") == "t";
    return db.value(std::string("SELECT count(*) || ' ' || sum(hashtext(format('%s %s %s %s %s %s', id, ") +
                    (renamed ? "round(delay * 2)::integer, code, p, remark" : "delay, code, p, note") +
                    (moved ? ", label" : ", (SELECT label FROM labels WHERE t_id = id)") + "))::bigint) FROM t");
  }
  std::string state(session& db) { return db.value("SELECT coalesce((SELECT state FROM accord.status), 'none')"); }

  // DESIGN 12.3 to 12.6 over all rows, as far as they can be said at rest: filled rows agree in both versions, nothing is lost, nothing is
  // there that should not be.
  void expect_sound(const std::string& wanted_state, const std::string& wanted_contents, bool at_rest = true) {
    auto db = connect();
    EXPECT_EQ(state(db), wanted_state);
    EXPECT_EQ(contents(db), wanted_contents);
    if (at_rest) {
      EXPECT_EQ(db.value("SELECT string_agg(x, ', ') FROM crash.left_behind() x"), "");
    }
    if (wanted_state == "preparing") {
      std::string id = db.value("SELECT max(id) FROM accord_catalog.migration");
      std::string own = "_accord_" + id + "_";
      EXPECT_EQ(db.number("SELECT count(*) FROM t WHERE " + own + "pending IS NULL AND (delay / 2.0, code, p) IS DISTINCT FROM (" + own +
                          "delay, " + own + "code, " + own + "p)"),
                0);
    }
    if (wanted_state == "active" || wanted_state == "completed") {
      auto views = db.run(
          "SELECT from_schema || '.t', to_schema || '.t' FROM accord_catalog.migration_relation r JOIN"
          " accord_catalog.migration m ON m.id = r.migration_id WHERE m.state IN ('active', 'completed')");
      ASSERT_EQ(views.size(), 1);
      EXPECT_EQ(
          db.number(std::string("SELECT count(*) FROM ") + views[0][0].c_str() + " a FULL JOIN " + views[0][1].c_str() +
                    " b USING (id) LEFT JOIN labels l ON l.t_id = id WHERE (a.delay / 2.0, a.code, a.p, a.note, l.label) IS DISTINCT FROM "
                    "(b.delay, b.code, b.p, b.remark, b.label)"),
          0);
      EXPECT_EQ(db.value("SELECT string_agg(DISTINCT verdict, ' ') FROM accord.verify('t')"), "ok");
    }
  }

  // A step of one transaction: whatever it is killed at, all is as it was before, and it can be taken again.
  void attack(const std::string& name, const std::string& step, const std::string& before, const std::string& after, int fewest) {
    SCOPED_TRACE(name);
    std::string kept;
    {
      auto db = connect();
      kept = contents(db);
    }
    int points = points_of(step);
    EXPECT_GT(points, fewest) << "points of " << name;
    for (int n = 1; n <= points; n = n == points ? n + 1 : std::min(n + stride(), points)) {
      SCOPED_TRACE("killed at point " + std::to_string(n));
      EXPECT_TRUE(killed_at(n, [&](session& db) { db.run(step); }));
      expect_sound(before, kept);
      ASSERT_FALSE(HasFailure());
    }
    // It has no more points than that, and can be taken after all this.
    EXPECT_FALSE(killed_at(points + 1, [&](session& db) { db.run(step); }));
    // What was told to be done is done, also when the server goes down at once.
    kill(postmaster_pid(), SIGKILL);
    start_server();
    wait_for_server();
    expect_sound(after, kept);
    std::fprintf(stderr, "%s: %d points\n", name.c_str(), points);
  }

  // Taken, counted and taken back.
  int points_of(const std::string& step) {
    auto db = connect();
    db.run("SELECT crash.disarm()");
    db.run("BEGIN");
    db.run(step);
    db.run("ROLLBACK");
    return static_cast<int>(db.number("SELECT last_value FROM crash.passed")) -
           (db.value("SELECT is_called FROM crash.passed") == "t" ? 0 : 1);
  }

  void quietly(const std::string& sql) { connect().run(sql); }

  void attack_backfill(const std::string& name, const std::function<void(session&)>& step);

  std::string database_ = "accord_crash_life";
  int killed_ = 0;
};

TEST_P(life, steps_of_one_transaction) {
  const std::string newest =
      "(SELECT split_part(to_version, '.', 1) FROM accord_catalog.migration_relation ORDER BY migration_id DESC LIMIT 1)";
  attack("stage", stage_it, "none", "preparing", 20);
  quietly("UPDATE t SET delay = delay + 1 WHERE id % 7 = 3");
  attack("rollback before the backfill", "SELECT accord.rollback('t')", "preparing", "none", 10);
  quietly(stage_it);
  quietly("CALL accord.backfill('t')");
  quietly("UPDATE t_v2.t SET delay = delay + 0.5 WHERE id % 7 = 4");
  attack("switch_version", "SELECT accord.switch_version('t', 'app', '2')", "active", "active", 4);
  EXPECT_EQ(connect(" user=regress_crash_app").value("SELECT pg_typeof(delay) FROM t LIMIT 1"), "numeric");
  attack("complete", "SELECT accord.complete('t')", "active", "completed", 10);
  quietly("UPDATE t_v1.t SET delay = delay + 1 WHERE id % 7 = 5");
  quietly("SELECT accord.switch_version('t', 'app', '1')");
  attack("undo", "SELECT accord.rollback('t')", "completed", "none", 10);
  quietly(stage_it);
  quietly("CALL accord.backfill('t')");
  quietly("UPDATE t SET delay = delay + 1 WHERE id % 7 = 6");
  attack("rollback of an active version", "SELECT accord.rollback('t')", "active", "none", 10);
  quietly(stage_it);
  quietly("CALL accord.backfill('t')");
  quietly("SELECT accord.switch_version('t', 'app', " + newest + ")");
  quietly("SELECT accord.complete('t')");
  quietly("UPDATE t SET delay = delay + 1 WHERE id % 7 = 2");
  attack("purge", "SELECT accord.purge('t')", "completed", "none", 10);
  std::fprintf(stderr, "%d crashes\n", killed_);
}

// The backfill is many transactions, and workers build its indexes: each point is tried on a fresh copy of the database, killed, and then taken
// to its end.
void life::attack_backfill(const std::string& name, const std::function<void(session&)>& step) {
  SCOPED_TRACE(name);
  quietly(stage_it);
  std::string kept, original = database_;
  {
    auto db = connect();
    kept = contents(db);
  }
  database_ = original + "_copy";
  for (int n = 1;; n += stride()) {
    SCOPED_TRACE("killed at point " + std::to_string(n));
    {
      session admin;
      admin.run("DROP DATABASE IF EXISTS " + database_ + " WITH (FORCE)");
      admin.run("CREATE DATABASE " + database_ + " TEMPLATE " + original);
    }
    bool killed = killed_at(n, step);
    if (killed) {
      std::string now;
      {
        auto db = connect();
        now = state(db);
      }
      EXPECT_TRUE(now == "preparing" || now == "active") << now;
      expect_sound(now, kept, false);
      try {
        auto db = connect();
        step(db);
      } catch (const std::exception& e) {
        ADD_FAILURE() << "it does not go on: " << e.what();
      }
    }
    expect_sound("active", kept);
    if (HasFailure()) break;
    if (!killed) {
      EXPECT_GT(n, 20) << "points of " << name;
      std::fprintf(stderr, "%s: fewer than %d points\n", name.c_str(), n);
      break;
    }
  }
  session().run("DROP DATABASE IF EXISTS " + database_ + " WITH (FORCE)");
  database_ = original;
}

TEST_P(life, backfill_in_the_foreground) {
  attack_backfill("CALL accord.backfill", [](session& db) { db.run("CALL accord.backfill('t', batch_ms => 1)"); });
}

TEST_P(life, backfill_by_workers) {
  attack_backfill("start_backfill", [](session& db) {
    if (db.value("SELECT state FROM accord.status") == "preparing") db.run("SELECT accord.start_backfill('t', workers => 2)");
    EXPECT_TRUE(db.wait_for("SELECT state = 'active' AND NOT EXISTS (SELECT FROM accord_catalog.live_job) FROM accord.status"));
  });
}

INSTANTIATE_TEST_SUITE_P(kill_9_of, life, testing::Values(victim::process, victim::postmaster),
                         [](const auto& info) { return info.param == victim::process ? "the_process" : "the_postmaster"; });

}  // namespace
}  // namespace accord_test
