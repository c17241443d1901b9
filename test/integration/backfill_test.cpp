// Clients of both versions write while the backfill runs, is stopped, and runs again: nothing is lost, nothing differs.
#include <atomic>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <thread>

#include "session.hpp"

namespace accord_test {
namespace {

constexpr int table_rows = 100'000;

// A client of one version, writing single rows of its own share of the ids and remembering what it was told is committed.
class writer {
 public:
  writer(const std::string& database, int version, int share) : db_("dbname=" + database), version_(version), share_(share) {}

  void run_until(const std::atomic<bool>& stop) {
    std::mt19937 random(static_cast<unsigned>(share_));
    long next_new = 1'000'000 + share_;
    try {
      while (!stop) {
        long id = 1 + static_cast<long>(random() % (table_rows / 2)) * 2 + share_;
        int minutes = static_cast<int>(random() % 5000);
        if (random() % 10 == 0) {
          id = next_new;
          next_new += 2;
          write("INSERT INTO " + table() + " (id, delay) VALUES (" + std::to_string(id) + ", " + literal(minutes) + ")", id, minutes);
        } else if (random() % 20 == 0) {
          db_.run("DELETE FROM " + table() + " WHERE id = " + std::to_string(id));
          ledger_[id] = -1;
        } else {
          write("UPDATE " + table() + " SET delay = " + literal(minutes) + " WHERE id = " + std::to_string(id), id, minutes);
        }
        writes++;
      }
    } catch (const std::exception& e) {
      error = e.what();
    }
  }

  const std::map<long, int>& ledger() const { return ledger_; }
  std::atomic<long> writes{0};
  std::string error;

 private:
  std::string table() const { return version_ == 1 ? "t_v1.t" : "t_v2.t"; }
  std::string literal(int minutes) const {
    return version_ == 1 ? std::to_string(minutes) : "make_interval(mins => " + std::to_string(minutes) + ")";
  }
  void write(const std::string& sql, long id, int minutes) {
    if (db_.run(sql).affected_rows() == 1) ledger_[id] = minutes;
  }

  session db_;
  int version_, share_;
  std::map<long, int> ledger_;  // -1: deleted
};

// Rows that do not say in both versions what the ledger says.
long differences(session& db, const std::map<long, int>& ledger) {
  std::string values;
  for (const auto& [id, minutes] : ledger) {
    values += values.empty() ? "(" : ",(";
    values += std::to_string(id) + "," + std::to_string(minutes) + ")";
  }
  if (values.empty()) return 0;
  return db.number("SELECT count(*) FROM (VALUES " + values +
                   ") w(id, minutes) LEFT JOIN t_v1.t o USING (id) LEFT JOIN t_v2.t n USING (id)"
                   " WHERE CASE WHEN minutes < 0 THEN o.id IS NOT NULL OR n.id IS NOT NULL"
                   "            ELSE (o.delay, n.delay) IS DISTINCT FROM (minutes, make_interval(mins => minutes)) END");
}

TEST(backfill, loses_nothing_beside_writers_of_both_versions_and_after_a_cancel) {
  const std::string name = "accord_backfill";
  session::fresh(name);
  session db("dbname=" + name);
  db.stage_delays(table_rows);

  std::atomic<bool> stop{false};
  writer old_client(name, 1, 0), new_client(name, 2, 1);
  std::thread old_thread([&] { old_client.run_until(stop); }), new_thread([&] { new_client.run_until(stop); });

  // The first run is cancelled in the middle, as by Ctrl-C.
  session worker("dbname=" + name);
  int pid = worker.pid();
  std::string first_error;
  std::thread first([&] {
    try {
      worker.run("CALL accord.backfill('t', batch_ms => 5, nice => 2)");
    } catch (const pqxx::sql_error& e) {
      first_error = e.sqlstate();
    }
  });
  EXPECT_TRUE(db.wait_for("SELECT coalesce(sum(rows_done) > 5000, false) FROM accord_catalog.backfill_range"));
  EXPECT_EQ(db.value("SELECT state FROM accord.progress"), "running");
  // Another one is refused meanwhile.
  try {
    db.run("CALL accord.backfill('t')");
    ADD_FAILURE() << "a second backfill ran beside the first";
  } catch (const pqxx::sql_error& e) {
    EXPECT_EQ(e.sqlstate(), "55006") << e.what();
  }
  db.run("SELECT pg_cancel_backend(" + std::to_string(pid) + ")");
  first.join();
  EXPECT_EQ(first_error, "57014");
  long after_cancel = db.number("SELECT sum(rows_done) FROM accord_catalog.backfill_range");
  EXPECT_GT(after_cancel, 5000);
  EXPECT_GT(db.number("SELECT count(*) FROM t WHERE _accord_1_pending"), 0);

  // A rewrite between the two: the places of the first walk mean nothing any more.
  db.run("VACUUM FULL t");
  worker.run("CALL accord.backfill('t')");
  stop = true;
  old_thread.join();
  new_thread.join();
  EXPECT_EQ(old_client.error, "");
  EXPECT_EQ(new_client.error, "");
  EXPECT_GT(old_client.writes, 50);
  EXPECT_GT(new_client.writes, 50);

  EXPECT_EQ(db.number("SELECT count(*) FROM t WHERE _accord_1_pending"), 0);
  EXPECT_EQ(db.value("SELECT filled FROM accord_catalog.migration_relation"), "t");
  EXPECT_EQ(differences(db, old_client.ledger()), 0);
  EXPECT_EQ(differences(db, new_client.ledger()), 0);
  EXPECT_EQ(db.value("SELECT string_agg(check_name || ' ' || verdict, ', ') FROM accord.verify('t') WHERE verdict <> 'ok'"), "");
  EXPECT_EQ(db.number("SELECT rows FROM accord.verify('t') LIMIT 1"), db.number("SELECT count(*) FROM t"));
}

TEST(backfill, waits_for_a_locked_row_with_nothing_in_hand) {
  const std::string name = "accord_backfill_locked";
  session::fresh(name);
  session db("dbname=" + name), client("dbname=" + name), other("dbname=" + name), worker("dbname=" + name);
  db.stage_delays(2'000);
  client.run("BEGIN");
  client.run("UPDATE t SET note = 'mine' WHERE id = 1000");
  std::string error;
  std::thread backfill([&] {
    try {
      worker.run("CALL accord.backfill('t')");
    } catch (const std::exception& e) {
      error = e.what();
    }
  });
  // All others are done, and nothing is held by the backfill that would keep a client from writing any of them.
  EXPECT_TRUE(db.wait_for("SELECT count(*) = 1 FROM t WHERE _accord_1_pending"));
  EXPECT_TRUE(db.wait_for("SELECT waiting_for LIKE '%locked' FROM accord.progress"));
  other.run("SET lock_timeout = '2s'");
  other.run("UPDATE t SET note = 'free' WHERE id <> 1000");
  client.run("ROLLBACK");
  backfill.join();
  EXPECT_EQ(error, "");
  EXPECT_EQ(db.number("SELECT count(*) FROM t WHERE _accord_1_pending"), 0);

  // The session's lock_timeout is how long it waits at most.
  db.without_guard();
  db.run("UPDATE accord_catalog.migration SET state = 'preparing'");
  db.run("ALTER TABLE t DISABLE TRIGGER ALL");
  db.run("UPDATE t SET _accord_1_pending = true WHERE id IN (1, 2)");
  db.run("ALTER TABLE t ENABLE ALWAYS TRIGGER \"!accord_sync\", ENABLE ALWAYS TRIGGER \"~accord_sync\"");
  db.run("UPDATE accord_catalog.backfill_range SET done = false");
  client.run("BEGIN");
  client.run("SELECT FROM t WHERE id = 2 FOR UPDATE");
  worker.run("SET lock_timeout = '500ms'");
  try {
    worker.run("CALL accord.backfill('t')");
    ADD_FAILURE() << "did not wait for the locked row";
  } catch (const pqxx::sql_error& e) {
    EXPECT_EQ(e.sqlstate(), "55P03") << e.what();
  }
  EXPECT_EQ(db.number("SELECT count(*) FROM t WHERE _accord_1_pending"), 1);
  client.run("ROLLBACK");
  worker.run("CALL accord.backfill('t')");
  EXPECT_EQ(db.number("SELECT count(*) FROM t WHERE _accord_1_pending"), 0);
}

TEST(backfill, stops_when_the_migration_is_rolled_back_under_it) {
  const std::string name = "accord_backfill_rollback";
  session::fresh(name);
  session db("dbname=" + name), worker("dbname=" + name);
  db.stage_delays(20'000);
  std::string error, state;
  std::thread backfill([&] {
    try {
      worker.run("CALL accord.backfill('t', batch_ms => 2, nice => 20)");
    } catch (const pqxx::sql_error& e) {
      error = e.what();
      state = e.sqlstate();
    }
  });
  EXPECT_TRUE(db.wait_for("SELECT coalesce(sum(rows_done) > 0, false) FROM accord_catalog.backfill_range"));
  db.run("SELECT accord.rollback('t')");
  backfill.join();
  EXPECT_EQ(state, "55000") << error;
  EXPECT_NE(error.find("was rolled back during the backfill"), std::string::npos) << error;
  EXPECT_EQ(db.number("SELECT count(*) FROM t"), 20'000);
  // The session is whole: nothing of the batch's settings, and no lock, is left.
  EXPECT_EQ(worker.value("SHOW session_replication_role"), "origin");
  EXPECT_EQ(worker.number("SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'"), 0);
}

// Two workers share a table that clients of both versions write to, while it is rewritten, cut and vacuumed under them.
TEST(backfill, by_two_workers_loses_nothing) {
  const std::string name = "accord_backfill_workers";
  session::fresh(name);
  session db("dbname=" + name);
  db.stage_delays(table_rows);
  db.run("CREATE INDEX t_note ON t (note)");

  std::atomic<bool> stop{false};
  writer old_client(name, 1, 0), new_client(name, 2, 1);
  std::thread old_thread([&] { old_client.run_until(stop); }), new_thread([&] { new_client.run_until(stop); });
  auto filled = [&](long rows) {
    return db.wait_for("SELECT coalesce(sum(rows_done) > " + std::to_string(rows) + ", false) FROM accord_catalog.backfill_range", 60);
  };

  EXPECT_EQ(db.number("SELECT accord.start_backfill('t', workers => 2, batch_ms => 5, nice => 1)"), 2);
  EXPECT_TRUE(db.wait_for("SELECT workers = 2 FROM accord.progress"));
  EXPECT_TRUE(filled(2000));
  EXPECT_EQ(db.value("SELECT state FROM accord.progress"), "running");
  EXPECT_EQ(db.number("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pg_accord backfill t'"), 2);
  for (const char* second : {"CALL accord.backfill('t')", "SELECT accord.start_backfill('t')"})
    try {
      db.run(second);
      ADD_FAILURE() << "a second backfill ran beside the first: " << second;
    } catch (const pqxx::sql_error& e) {
      EXPECT_EQ(e.sqlstate(), "55006") << e.what();
    }
  db.run("VACUUM FULL t");
  EXPECT_TRUE(filled(8000));
  db.run("CLUSTER t USING t_pkey");
  EXPECT_TRUE(filled(14000));
  // Pages at the end become empty, and vacuum gives them back.
  db.run("DELETE FROM t WHERE id > " + std::to_string(table_rows - 20'000) + " AND id <= " + std::to_string(table_rows));
  db.run("VACUUM (TRUNCATE, INDEX_CLEANUP) t");
  db.run("VACUUM (FREEZE) t");

  db.run("SELECT accord.pause_backfill('t')");
  EXPECT_TRUE(db.wait_for("SELECT workers = 0 FROM accord.progress"));
  EXPECT_EQ(db.value("SELECT string_agg(DISTINCT state, ',') FROM accord.jobs"), "paused");
  long paused_at = db.number("SELECT sum(rows_done) FROM accord_catalog.backfill_range");
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(db.number("SELECT sum(rows_done) FROM accord_catalog.backfill_range"), paused_at);
  EXPECT_EQ(db.number("SELECT accord.resume_backfill('t')"), 2);
  EXPECT_TRUE(db.wait_for("SELECT state = 'active' FROM accord.migrations", 120));
  EXPECT_TRUE(db.wait_for("SELECT count(*) = 2 FROM accord.jobs WHERE state = 'done'"));
  stop = true;
  old_thread.join();
  new_thread.join();
  EXPECT_EQ(old_client.error, "");
  EXPECT_EQ(new_client.error, "");

  EXPECT_EQ(db.number("SELECT count(*) FROM t WHERE _accord_1_pending"), 0);
  EXPECT_EQ(db.number("SELECT count(*) FROM accord_catalog.backfill_claim"), 0);
  db.run("DELETE FROM t WHERE id > " + std::to_string(table_rows - 20'000) + " AND id <= " + std::to_string(table_rows));
  auto before_cut = [](std::map<long, int> ledger) {
    std::erase_if(ledger, [](const auto& row) { return row.first > table_rows - 20'000 && row.first <= table_rows; });
    return ledger;
  };
  EXPECT_EQ(differences(db, before_cut(old_client.ledger())), 0);
  EXPECT_EQ(differences(db, before_cut(new_client.ledger())), 0);
  EXPECT_EQ(db.value("SELECT string_agg(check_name || ' ' || verdict, ', ') FROM accord.verify('t') WHERE verdict <> 'ok'"), "");
}

// A worker waits for a locked row with nothing in hand, as a session does; a pause reaches a session too.
TEST(backfill, pause_holds_a_session_and_resume_lets_it_go) {
  const std::string name = "accord_backfill_pause";
  session::fresh(name);
  session db("dbname=" + name), worker("dbname=" + name);
  db.stage_delays(20'000);
  std::string error;
  std::thread backfill([&] {
    try {
      worker.run("CALL accord.backfill('t', batch_ms => 2, nice => 5)");
    } catch (const std::exception& e) {
      error = e.what();
    }
  });
  EXPECT_TRUE(db.wait_for("SELECT coalesce(sum(rows_done) > 0, false) FROM accord_catalog.backfill_range"));
  db.run("SELECT accord.pause_backfill('t')");
  EXPECT_TRUE(db.wait_for("SELECT state = 'paused' AND waiting_for = 'accord.resume_backfill' FROM accord.progress"));
  long paused_at = db.number("SELECT sum(rows_done) FROM accord_catalog.backfill_range");
  EXPECT_LT(paused_at, 20'000);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(db.number("SELECT sum(rows_done) FROM accord_catalog.backfill_range"), paused_at);
  db.run("SELECT accord.resume_backfill('t')");
  EXPECT_TRUE(db.wait_for("SELECT sum(rows_done) > " + std::to_string(paused_at) + " FROM accord_catalog.backfill_range"));
  // and cancel ends it
  EXPECT_EQ(db.number("SELECT accord.cancel_backfill('t')"), 1);
  backfill.join();
  EXPECT_NE(error.find("canceling statement"), std::string::npos) << error;
  db.run("CALL accord.backfill('t')");
  EXPECT_EQ(db.number("SELECT sum(rows_done) FROM accord_catalog.backfill_range"), 20'000);
  EXPECT_EQ(db.number("SELECT count(*) FROM t WHERE _accord_1_pending"), 0);
}

TEST(backfill, says_when_no_worker_is_free) {
  const std::string name = "accord_backfill_slots";
  session::fresh(name);
  session db("dbname=" + name);
  db.stage_delays(20'000);
  db.run("CREATE TABLE u AS SELECT * FROM t");
  db.run("SELECT accord.register_contract('u')");
  db.run("SELECT accord.stage('u', 'ALTER TABLE u ALTER COLUMN delay TYPE bigint', down => 'delay = delay::integer')");
  // Those of other tests have given their slots back.
  EXPECT_TRUE(db.wait_for("SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type IN ('pg_accord', 'parallel worker')"));
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  // Workers whose transaction is still open wait for its end, and have their slots.
  session other("dbname=" + name);
  other.run("SET client_min_messages = error");
  other.run("BEGIN");
  long started = other.number("SELECT accord.start_backfill('t', workers => 64)");
  EXPECT_GT(started, 0);
  EXPECT_LT(started, 64);
  EXPECT_EQ(other.number("SELECT count(*) FROM accord_catalog.job"), started);
  try {
    db.run("SELECT accord.start_backfill('u')");
    ADD_FAILURE() << "a worker was found where there is none";
  } catch (const pqxx::sql_error& e) {
    EXPECT_EQ(e.sqlstate(), "53000") << e.what();
    EXPECT_NE(std::string(e.what()).find("max_worker_processes"), std::string::npos) << e.what();
  }
  other.run("ROLLBACK");
  EXPECT_EQ(db.number("SELECT count(*) FROM accord_catalog.job"), 0);
  EXPECT_TRUE(db.wait_for("SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'pg_accord'"));
  // The postmaster gives a slot back a moment after its process is gone.
  for (int tries = 0;; tries++) {
    try {
      EXPECT_EQ(db.number("SELECT accord.start_backfill('u')"), 1);
      break;
    } catch (const pqxx::sql_error& e) {
      if (e.sqlstate() != "53000" || tries == 100) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
  EXPECT_TRUE(db.wait_for("SELECT state = 'active' FROM accord.migrations WHERE name = 'u'"));
}

// Whoever ends a backfill needs a worker for each index.  All may be taken for a moment, by the workers of the same backfill for example.
TEST(backfill, waits_until_a_worker_is_free_for_its_index) {
  const std::string name = "accord_backfill_index_slot";
  session::fresh(name);
  session db("dbname=" + name), other("dbname=" + name);
  db.stage_delays(100);
  db.run("CREATE TABLE u AS SELECT * FROM t");
  db.run("CREATE INDEX ON u (delay)");
  db.run("SELECT accord.register_contract('u')");
  db.run("SELECT accord.stage('u', 'ALTER TABLE u ALTER COLUMN delay TYPE bigint', down => 'delay = delay::integer')");
  other.run("SET client_min_messages = error");
  other.run("BEGIN");
  other.run("SELECT accord.start_backfill('t', workers => 64)");
  std::thread filling([&] { EXPECT_NO_THROW(db.run("CALL accord.backfill('u')")); });
  session watcher("dbname=" + name);
  EXPECT_TRUE(watcher.wait_for("SELECT count(*) = 1 FROM pg_stat_activity WHERE query ~ '^accord.backfill: waiting for indexes'"));
  other.run("ROLLBACK");
  filling.join();
  EXPECT_EQ(watcher.value("SELECT state FROM accord.migrations WHERE name = 'u'"), "active");
}

}  // namespace
}  // namespace accord_test
