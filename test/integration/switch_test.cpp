// A consumer is switched while its sessions work: none of them sees an error, and new sessions get the new version.
#include <algorithm>
#include <atomic>
#include <gtest/gtest.h>

#include "session.hpp"

namespace accord_test {
namespace {

TEST(switch_version, disturbs_no_running_session) {
  const std::string name = "accord_switch";
  session::fresh(name);
  session db("dbname=" + name);
  db.stage_delays(2'000);
  db.run("CALL accord.backfill('t')");
  db.run("DROP ROLE IF EXISTS regress_switch_app");
  db.run("CREATE ROLE regress_switch_app LOGIN");
  db.run("GRANT SELECT, INSERT, UPDATE, DELETE ON t TO regress_switch_app");
  db.run("SELECT accord.register_consumer('app', role => 'regress_switch_app')");
  db.run("SELECT accord.subscribe('t', 'app', version => '1')");
  db.run("SELECT accord.switch_version('t', 'app', '1')");

  const std::string app = "dbname=" + name + " user=regress_switch_app";
  std::atomic<bool> stop{false};
  std::atomic<long> done{0}, wrong{0};
  std::vector<std::string> errors(3);
  std::vector<std::thread> clients;
  for (int n = 0; n < 3; n++)
    clients.emplace_back([&, n] {
      try {
        session client(app);  // one session, from before the first switch to after the last
        while (!stop) {
          std::string id = std::to_string(1 + (done + n * 7) % 2000);
          client.run("UPDATE t SET delay = 77 WHERE id = " + id);
          if (client.value("SELECT delay FROM t WHERE id = " + id) != "77") wrong++;
          done++;
        }
      } catch (const std::exception& e) {
        errors[static_cast<std::size_t>(n)] = e.what();
      }
    });
  while (done < 50 && errors[0].empty())
    std::this_thread::sleep_for(std::chrono::milliseconds(5));

  double slowest = 0;
  for (int round = 0; round < 6; round++) {
    std::string version = round % 2 ? "1" : "2";
    auto start = std::chrono::steady_clock::now();
    db.run("SELECT accord.switch_version('t', 'app', '" + version + "')");
    slowest = std::max(slowest, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    session fresh(app);
    EXPECT_EQ(fresh.value("SELECT pg_typeof(delay) FROM t LIMIT 1"), round % 2 ? "integer" : "interval");
    EXPECT_EQ(db.number("SELECT count(*) FROM accord.sessions WHERE outdated"), 3);
    EXPECT_EQ(db.number("SELECT count(*) FROM accord.drain('app')"), 3);
  }
  long before = done;
  while (done < before + 50 && errors[0].empty())
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  stop = true;
  for (auto& client : clients)
    client.join();
  for (const auto& error : errors)
    EXPECT_EQ(error, "");
  EXPECT_EQ(wrong, 0);
  std::printf("slowest switch: %.1f ms, %ld statements beside it\n", slowest, done.load());

  // Idle sessions of an earlier generation are ended on request; what is in a transaction is not.
  session busy(app), idle(app);
  busy.run("BEGIN");
  db.run("SELECT accord.switch_version('t', 'app', '2')");
  EXPECT_EQ(db.number("SELECT count(*) FILTER (WHERE terminated) FROM accord.drain('app', terminate => true)"), 1);
  EXPECT_EQ(busy.value("SELECT 1"), "1");
  EXPECT_TRUE(db.wait_for("SELECT count(*) = 1 FROM accord.sessions"));
}

TEST(switch_version, names_who_is_in_the_way_of_a_live_switch) {
  const std::string name = "accord_switch_live";
  session::fresh(name);
  session db("dbname=" + name);
  db.stage_delays(100);
  db.run("CALL accord.backfill('t')");
  db.run("DROP ROLE IF EXISTS regress_switch_live");
  db.run("CREATE ROLE regress_switch_live LOGIN");
  db.run("GRANT SELECT ON t TO regress_switch_live");
  db.run("SELECT accord.register_consumer('live', role => 'regress_switch_live')");
  db.run("SELECT accord.subscribe('t', 'live', version => '1', columns => '{id,note}')");
  db.run("SELECT accord.switch_version('t', 'live', '1')");
  session client("dbname=" + name + " user=regress_switch_live");
  client.run("BEGIN");
  client.run("SELECT * FROM t LIMIT 1");
  try {
    db.run("SELECT accord.switch_version('t', 'live', '2', live => true)");
    ADD_FAILURE() << "replaced a view in use";
  } catch (const pqxx::sql_error& e) {
    EXPECT_EQ(e.sqlstate(), "55P03") << e.what();
    EXPECT_NE(std::string(e.what()).find("It is in use by PID "), std::string::npos) << e.what();
  }
  EXPECT_EQ(db.number("SELECT major FROM accord_catalog.subscription"), 1);
  client.run("COMMIT");
  db.run("SELECT accord.switch_version('t', 'live', '2', live => true)");
  EXPECT_EQ(db.number("SELECT major FROM accord_catalog.subscription"), 2);
  EXPECT_EQ(client.number("SELECT count(*) FROM t"), 100);
}

}  // namespace
}  // namespace accord_test
