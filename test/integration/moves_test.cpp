// purge, where columns have moved to another table: between its look for rows that one client has left to another and its locks one more can
// be left.  It looks again under its locks, and what the old client wrote is not lost.
#include <gtest/gtest.h>
#include <pqxx/pqxx>

#include "session.hpp"

namespace accord_test {
namespace {

const std::string moves_database = "accord_moves";

TEST(moves, purge_looks_again_when_it_has_its_locks) {
  session::fresh(moves_database);
  auto connect = [] {
    session db("dbname=" + moves_database);
    db.run("SET client_min_messages = warning");
    return db;
  };
  auto watcher = connect(), reader = connect(), owner = connect(), old_client = connect(), new_client = connect();
  watcher.run("CREATE TABLE customer (id integer PRIMARY KEY, street text, city text)");
  watcher.run("INSERT INTO customer VALUES (1, 's', 'c')");
  watcher.run("SELECT accord.register_contract('customer')");
  watcher.run(
      "SELECT accord.stage('customer', 'CREATE TABLE address (customer_id integer PRIMARY KEY REFERENCES customer, street text, city text);"
      " ALTER TABLE customer DROP COLUMN street, DROP COLUMN city', up => 'address.street = street, address.city = city')");
  watcher.run("CALL accord.backfill('customer')");
  watcher.run("SELECT accord.complete('customer')");
  auto waits_for = [&](int waiting, int other) {
    return watcher.wait_for("SELECT " + std::to_string(other) + " = ANY (pg_blocking_pids(" + std::to_string(waiting) + "))");
  };
  int reader_pid = reader.pid(), owner_pid = owner.pid(), old_pid = old_client.pid(), new_pid = new_client.pid();

  reader.run("BEGIN");
  reader.run("SELECT count(*) FROM customer_v1.customer");
  std::string error;
  std::thread purge([&] {
    try {
      owner.run("SELECT accord.purge('customer', lock_budget => '60 s')");
    } catch (const std::exception& e) {
      error = e.what();
    }
  });
  // It has looked, and tries for its locks.
  EXPECT_TRUE(waits_for(owner_pid, reader_pid));

  new_client.run("BEGIN");
  new_client.run("SELECT FROM address WHERE customer_id = 1 FOR UPDATE");
  old_client.run("BEGIN");
  std::thread writing([&] { old_client.run("UPDATE customer_v1.customer SET street = 'old' WHERE id = 1"); });
  EXPECT_TRUE(waits_for(old_pid, new_pid));
  // The new client waits for the old one, which leaves its row to it; but it gives up.
  std::thread giving_up([&] { EXPECT_THROW(new_client.run("UPDATE address SET city = 'new' WHERE customer_id = 1"), pqxx::sql_error); });
  writing.join();
  watcher.run("SELECT pg_cancel_backend(" + std::to_string(new_pid) + ")");
  giving_up.join();
  new_client.run("ROLLBACK");
  old_client.run("COMMIT");
  EXPECT_EQ(watcher.number("SELECT count(*) FROM customer WHERE _accord_1_pending"), 1);
  EXPECT_EQ(watcher.value("SELECT street FROM address"), "s");

  reader.run("COMMIT");
  purge.join();
  EXPECT_EQ(error, "");
  EXPECT_EQ(watcher.value("SELECT state FROM accord.migrations"), "purged");
  EXPECT_EQ(watcher.value("SELECT street FROM address"), "old");
}

}  // namespace
}  // namespace accord_test
