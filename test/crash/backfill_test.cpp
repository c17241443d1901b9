// The backfill after kill -9 of its backend and of the postmaster: it goes on where it was, and nothing is lost.
#include "server.hpp"

namespace accord_test {
namespace {

constexpr int table_rows = 60'000;

// A backfill in the middle of its work; `kill` ends it.
template <typename F>
long interrupt(const std::string& database, F kill_it) {
  session watcher("dbname=" + database), worker("dbname=" + database);
  int pid = worker.pid();
  long before = watcher.number("SELECT coalesce(sum(rows_done), 0) FROM accord_catalog.backfill_range");
  std::thread backfill([&] {
    try {
      worker.run("CALL accord.backfill('t', batch_ms => 3, nice => 3)");
      ADD_FAILURE() << "the backfill was not killed";
    } catch (const std::exception&) {
    }
  });
  EXPECT_TRUE(
      watcher.wait_for("SELECT coalesce(sum(rows_done), 0) > " + std::to_string(before + 2000) + " FROM accord_catalog.backfill_range"));
  kill_it(pid);
  backfill.join();
  return before;
}

TEST(backfill, goes_on_after_kill_9) {
  const std::string name = "accord_crash";
  session::fresh(name);
  std::string before;
  {
    session db("dbname=" + name);
    db.stage_delays(table_rows);
    db.run("CHECKPOINT");
    before = db.value("SELECT sum(hashtext(format('%s %s %s', id, delay, note))::bigint) FROM t");
  }
  // its backend: the postmaster throws everybody out and recovers
  interrupt(name, kill_process);
  long after_backend;
  {
    session db("dbname=" + name);
    after_backend = db.number("SELECT coalesce(sum(rows_done), 0) FROM accord_catalog.backfill_range");
    // What was written down and what was done are one transaction.
    EXPECT_EQ(db.number("SELECT count(*) FROM t WHERE _accord_1_pending IS NULL"), after_backend);
    EXPECT_NE(db.value("SELECT state FROM accord.progress"), "running");
  }
  // the postmaster
  interrupt(name, [](int) { kill(postmaster_pid(), SIGKILL); });
  start_server();
  wait_for_server();
  session db("dbname=" + name);
  long after_postmaster = db.number("SELECT coalesce(sum(rows_done), 0) FROM accord_catalog.backfill_range");
  EXPECT_EQ(db.number("SELECT count(*) FROM t WHERE _accord_1_pending IS NULL"), after_postmaster);
  EXPECT_GE(after_postmaster, after_backend);

  db.run("SET client_min_messages = warning");
  db.run("CALL accord.backfill('t')");
  EXPECT_EQ(db.number("SELECT sum(rows_done) FROM accord_catalog.backfill_range"), table_rows);  // no row twice
  EXPECT_EQ(db.number("SELECT count(*) FROM t WHERE _accord_1_pending"), 0);
  EXPECT_EQ(db.value("SELECT sum(hashtext(format('%s %s %s', id, delay, note))::bigint) FROM t"), before);
  EXPECT_EQ(db.value("SELECT string_agg(check_name || ' ' || verdict, ', ') FROM accord.verify('t') WHERE verdict <> 'ok'"), "");
}

// The same with two workers: one of them killed, then the postmaster.
TEST(backfill, by_workers_goes_on_after_kill_9) {
  const std::string name = "accord_crash_workers";
  session::fresh(name);
  std::string before;
  long done = 0;
  auto in_the_middle = [&](session& db) {
    EXPECT_TRUE(db.wait_for("SELECT coalesce(sum(rows_done), 0) > " + std::to_string(done + 2000) + " FROM accord_catalog.backfill_range"));
    EXPECT_TRUE(db.wait_for("SELECT count(*) = 2 FROM accord.jobs WHERE state = 'running'"));
  };
  auto after_crash = [&](session& db) {
    done = db.number("SELECT coalesce(sum(rows_done), 0) FROM accord_catalog.backfill_range");
    EXPECT_EQ(db.number("SELECT count(*) FROM t WHERE _accord_1_pending IS NULL"), done);
    EXPECT_LT(done, table_rows);
    // Batches are not flushed one by one, so that a crash soon after the start can take all of them along.
    const std::string state = db.value("SELECT state FROM accord.progress");
    EXPECT_TRUE(state == "stopped" || (done == 0 && state == "not started")) << state;
    EXPECT_EQ(db.value("SELECT string_agg(DISTINCT state, ',') FROM accord.jobs WHERE state <> 'cancelled'"), "interrupted");
  };
  {
    session db("dbname=" + name);
    db.stage_delays(table_rows);
    db.run("CHECKPOINT");
    before = db.value("SELECT sum(hashtext(format('%s %s %s', id, delay, note))::bigint) FROM t");
    db.run("SELECT accord.start_backfill('t', workers => 2, batch_ms => 3, nice => 5)");
    in_the_middle(db);
    kill_process(static_cast<int>(db.number("SELECT min(pid) FROM accord.jobs")));
  }
  {
    session db("dbname=" + name);
    after_crash(db);
    EXPECT_EQ(db.number("SELECT accord.resume_backfill('t')"), 2);
    in_the_middle(db);
    kill(postmaster_pid(), SIGKILL);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  start_server();
  wait_for_server();
  session db("dbname=" + name);
  after_crash(db);
  // new workers take over what those of before have left
  db.run("SET client_min_messages = warning");
  EXPECT_EQ(db.number("SELECT accord.start_backfill('t', workers => 2)"), 2);
  EXPECT_TRUE(db.wait_for("SELECT state = 'active' FROM accord.migrations", 60));
  EXPECT_EQ(db.number("SELECT sum(rows_done) FROM accord_catalog.backfill_range"), table_rows);  // no row twice
  EXPECT_EQ(db.number("SELECT count(*) FROM t WHERE _accord_1_pending"), 0);
  EXPECT_EQ(db.value("SELECT sum(hashtext(format('%s %s %s', id, delay, note))::bigint) FROM t"), before);
  EXPECT_EQ(db.value("SELECT string_agg(check_name || ' ' || verdict, ', ') FROM accord.verify('t') WHERE verdict <> 'ok'"), "");
}

// Workers that were asked for and had not begun when the server crashed never come: nobody waits for them.
TEST(backfill, workers_that_never_began_are_not_waited_for) {
  const std::string name = "accord_crash_asked";
  session::fresh(name);
  {
    session db("dbname=" + name);
    db.stage_delays(1000);
    // as the crash finds it
    db.run(
        "INSERT INTO accord_catalog.job (migration_id, contract_id, kind, argument, role, launched_at)"
        " VALUES (1, 1, 'backfill', '{}', current_user, clock_timestamp())");
    EXPECT_EQ(db.value("SELECT state FROM accord.jobs"), "queued");
    EXPECT_THROW(db.run("SELECT accord.start_backfill('t')"), std::exception);
    kill_process(static_cast<int>(db.number("SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'")));
  }
  session db("dbname=" + name);
  EXPECT_EQ(db.value("SELECT state FROM accord.jobs"), "interrupted");
  db.run("SET client_min_messages = warning");
  EXPECT_EQ(db.number("SELECT accord.start_backfill('t', workers => 1)"), 1);
  EXPECT_TRUE(db.wait_for("SELECT state = 'active' FROM accord.status", 60));
}

// An index that a worker builds, killed in the middle: what it left is cleaned up and built again.
TEST(worker, builds_an_index_again_after_kill_9) {
  const std::string name = "accord_crash_index";
  session::fresh(name);
  {
    session db("dbname=" + name), client("dbname=" + name);
    db.stage_delays(10'000);
    client.run("BEGIN");
    client.run("UPDATE t SET note = 'held' WHERE id = 1");  // the build waits for it, its index INVALID
    db.run(
        "SELECT accord_catalog.start_index_build(1, 1, 'CREATE INDEX CONCURRENTLY t_new ON public.t (_accord_1_delay)', 'public.t_new')");
    EXPECT_TRUE(db.wait_for("SELECT count(*) = 1 FROM pg_index WHERE NOT indisvalid"));
    kill_process(static_cast<int>(db.number("SELECT pid FROM accord.jobs")));
  }
  session db("dbname=" + name);
  EXPECT_EQ(db.value("SELECT state FROM accord.jobs"), "interrupted");
  EXPECT_EQ(db.number("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), 1);
  db.run("SET client_min_messages = warning");
  db.run("CALL accord.backfill('t')");
  EXPECT_EQ(db.value("SELECT state || ' ' || attempts FROM accord.jobs"), "done 2");
  EXPECT_EQ(db.number("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), 0);
  EXPECT_EQ(db.number("SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('t_new')"), 1);
  EXPECT_EQ(db.value("SELECT state FROM accord.migrations"), "active");
}

}  // namespace
}  // namespace accord_test
