// The backfill after kill -9 of its backend and of the postmaster: it goes on where it was, and nothing is lost.
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>

#include "session.hpp"

namespace accord_test {
namespace {

constexpr int table_rows = 60'000;

int postmaster_pid() {
  std::ifstream file(std::string(std::getenv("ACCORD_CLUSTER")) + "/data/postmaster.pid");
  int pid = 0;
  file >> pid;
  return pid;
}

void start_server() {
  const std::string start = std::string(std::getenv("ACCORD_PG_CTL")) + " start >/dev/null 2>&1";
  for (int i = 0; i < 40; i++) {
    if (std::system(start.c_str()) == 0) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(250));  // backends of the old server are still on their way out
  }
  FAIL() << "the server does not start";
}

void wait_for_server() {
  for (int i = 0; i < 200; i++) {
    try {
      session probe;
      return;
    } catch (const std::exception&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
  FAIL() << "the server does not come back";
}

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
  interrupt(name, [](int pid) { kill(pid, SIGKILL); });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  wait_for_server();
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

}  // namespace
}  // namespace accord_test
