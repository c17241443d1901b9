// kill -9 at every point of every step of a migration's life, of the process that takes the step and of the postmaster.
//
// Where a step can be stopped is in points.sql: after each DDL command and each write to the bookkeeping.  There is no list of them: a test
// counts them, or tries one after the other until the step runs through, so that what a step does more tomorrow is killed tomorrow.
// A step that is one transaction has changed nothing when it is killed; one of several goes on where it was.
#include "life.hpp"

namespace accord_test {
namespace {

class steps : public life {
 protected:
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
    for (int n = std::min(stride(), points); n <= points; n = n == points ? n + 1 : std::min(n + stride(), points)) {
      SCOPED_TRACE("killed at point " + std::to_string(n));
      EXPECT_TRUE(killed_at(n, [&](session& db) { db.run(step); }));
      expect_sound(before, kept);
      ASSERT_FALSE(HasFailure());
    }
    // It has no more points than that, and can be taken after all this.
    EXPECT_FALSE(killed_at(points + 1, [&](session& db) { db.run(step); }));
    // What was told to be done is done, also when the server goes down at once.
    if (std::get<victim>(GetParam()) == victim::postmaster) crash_postmaster();
    expect_sound(after, kept);
    std::fprintf(stderr, "%s: %d points\n", name.c_str(), points);
  }
};

TEST_P(steps, are_taken_or_not) {
  const std::string stage_it = "SELECT accord.stage('t', " + it().stage + ")";
  auto switch_all = [this](const std::string& version) {
    for (const auto& table : it().tables)
      quietly("SELECT accord.switch_version('" + table + "', 'app', " + version + ")");
  };
  attack("stage", stage_it, "none", "preparing", 20);
  write(it().old_write, side::table, 3);
  attack("rollback before the backfill", "SELECT accord.rollback('t')", "preparing", "none", 10);
  quietly(stage_it);
  quietly("CALL accord.backfill('t')");
  write(it().new_write, side::new_view, 4);
  attack("switch_version", "SELECT accord.switch_version('t', 'app', '2')", "active", "active", 4);
  EXPECT_EQ(connect(" user=regress_crash_app").value("SELECT pg_typeof(delay) FROM t LIMIT 1"), "numeric");
  switch_all("'2'");
  attack("complete", "SELECT accord.complete('t')", "active", "completed", 10);
  write(it().old_write, side::old_view, 5);
  write(it().new_write, side::table, 1);
  switch_all("'1'");
  attack("undo", "SELECT accord.rollback('t')", "completed", "none", 10);
  quietly(stage_it);
  quietly("CALL accord.backfill('t')");
  write(it().old_write, side::table, 6);
  attack("rollback of an active version", "SELECT accord.rollback('t')", "active", "none", 10);
  quietly(stage_it);
  quietly("CALL accord.backfill('t')");
  switch_all("(SELECT split_part(to_version, '.', 1) FROM accord_catalog.migration_relation ORDER BY migration_id DESC LIMIT 1)");
  quietly("SELECT accord.complete('t')");
  write(it().new_write, side::table, 2);
  attack("purge", "SELECT accord.purge('t')", "completed", "purged", 10);
  std::fprintf(stderr, "%d crashes\n", killed_);
}

class backfill : public life {
 protected:
  // It is many transactions, and workers build its indexes.  Each point is tried on a fresh copy of the database, killed, taken back, and then
  // taken to its end.
  void attack(const std::string& name, const std::function<void(session&)>& step) {
    SCOPED_TRACE(name);
    quietly("SELECT accord.stage('t', " + it().stage + ")");
    std::string kept, original = database_;
    {
      auto db = connect();
      kept = contents(db);
    }
    database_ = original + "_copy";
    bool killed = true;
    for (int n = 1; killed; n += stride()) {
      SCOPED_TRACE("killed at point " + std::to_string(n));
      copy_of(original);
      killed = killed_at(n, step);
      if (killed) {
        auto db = connect();
        std::string now = state(db);
        EXPECT_TRUE(now == "preparing" || now == "active") << now;
        expect_sound(db, now, kept, false);
        db.run("BEGIN");
        EXPECT_NO_THROW(db.run("SELECT accord.rollback('t')"));
        expect_sound(db, "none", kept);
        db.run("ROLLBACK");
        EXPECT_NO_THROW(step(db));
      }
      expect_sound("active", kept);
      ASSERT_FALSE(HasFailure());
      if (!killed) {
        EXPECT_GT(n, 20) << "points of " << name;
        std::fprintf(stderr, "%s: fewer than %d points, %d crashes\n", name.c_str(), n, killed_);
      }
    }
  }

  void TearDown() override { session().run("DROP DATABASE IF EXISTS " + database_ + " WITH (FORCE)"); }
  void copy_of(const std::string& original) {
    session admin;
    admin.run("DROP DATABASE IF EXISTS " + database_ + " WITH (FORCE)");
    admin.run("CREATE DATABASE " + database_ + " TEMPLATE " + original);
    // PostgreSQL gives numbers of a copied sequence again when it crashes before the next checkpoint.
    admin.run("CHECKPOINT");
  }
};

TEST_P(backfill, goes_on) {
  attack("CALL accord.backfill", [](session& db) { db.run("CALL accord.backfill('t', batch_ms => 1)"); });
}

class backfill_by_workers : public backfill {};

TEST_P(backfill_by_workers, is_taken_over) {
  attack("start_backfill", [](session& db) {
    if (db.value("SELECT bool_or(state = 'preparing') FROM accord.status") == "t")
      db.run("SELECT accord.start_backfill('t', workers => 2)");
    EXPECT_TRUE(
        db.wait_for("SELECT bool_and(state = 'active') AND NOT EXISTS (SELECT FROM accord.jobs WHERE state IN ('queued', 'running')) FROM "
                    "accord.status"));
  });
}

const std::vector<const subject*> all_subjects = {&columns_arrive, &columns_move, &several_tables, &partitions, &inheritance_tree};

// In the suite the process is killed in some and the postmaster in one, with ACCORD_CRASH_STRIDE=… both in all.
std::vector<life::ParamType> lives(const std::vector<const subject*>& some) {
  bool all = std::getenv("ACCORD_CRASH_STRIDE");
  std::vector<life::ParamType> result;
  for (const subject* s : all ? all_subjects : some)
    result.emplace_back(s, victim::process);
  for (const subject* s : all ? all_subjects : std::vector{&columns_move})
    result.emplace_back(s, victim::postmaster);
  return result;
}
std::string name_of(const testing::TestParamInfo<life::ParamType>& info) {
  return (std::get<1>(info.param) == victim::process ? "the_process_" : "the_postmaster_") + std::get<0>(info.param)->name;
}
INSTANTIATE_TEST_SUITE_P(kill_9_of, steps, testing::ValuesIn(lives(all_subjects)), name_of);
INSTANTIATE_TEST_SUITE_P(kill_9_of, backfill, testing::ValuesIn(lives({&columns_move})), name_of);
INSTANTIATE_TEST_SUITE_P(kill_9_of, backfill_by_workers, testing::ValuesIn(lives({&columns_arrive, &several_tables, &partitions})),
                         name_of);

}  // namespace
}  // namespace accord_test
