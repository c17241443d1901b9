// Clients write to tables of an inheritance tree, directly and through both versions, while it is staged, filled, completed and put back.
#include <atomic>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <thread>

#include "session.hpp"

namespace accord_test {
namespace {

constexpr int rows_of_a_table = 5'000;

// Writes single rows of its own share of the ids and remembers what it was told is committed.  A new row goes to the named table.
class tree_writer {
 public:
  tree_writer(const std::string& database, std::string table, std::string suffix, int share)
      : db_("dbname=" + database), table_(std::move(table)), suffix_(std::move(suffix)), share_(share) {}

  void run_until(const std::atomic<bool>& stop) {
    std::mt19937 random(static_cast<unsigned>(share_));
    long next_new = 1'000'000 + share_;
    try {
      while (!stop) {
        long id = 3 * (1 + static_cast<long>(random() % rows_of_a_table)) + share_;
        int value = static_cast<int>(random() % 5000);
        if (random() % 5 == 0) {
          id = next_new += 3;
          write("INSERT INTO " + table_ + " (id, n) VALUES (" + std::to_string(id) + ", " + std::to_string(value) + suffix_ + ")", id,
                value);
        } else {
          write("UPDATE " + table_ + " SET n = " + std::to_string(value) + suffix_ + " WHERE id = " + std::to_string(id), id, value);
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
  void write(const std::string& sql, long id, int value) {
    if (db_.run(sql).affected_rows() > 0) ledger_[id] = value;
  }

  session db_;
  std::string table_, suffix_;
  int share_;
  std::map<long, int> ledger_;
};

// Rows that do not say in both versions what the ledger says.
long differences(session& db, const std::map<long, int>& ledger) {
  std::string values;
  for (const auto& [id, value] : ledger)
    values += (values.empty() ? "(" : ",(") + std::to_string(id) + "," + std::to_string(value) + ")";
  if (values.empty()) return 0;
  return db.number("SELECT count(*) FROM (VALUES " + values +
                   ") w(id, value) LEFT JOIN t_v1.t o USING (id) LEFT JOIN t_v2.t n USING (id)"
                   " WHERE (o.n, n.n) IS DISTINCT FROM (value, value || ' pieces')");
}

TEST(inheritance, loses_nothing_of_writers_to_any_table_of_the_tree) {
  const std::string name = "accord_inheritance";
  session::fresh(name);
  session db("dbname=" + name);
  db.run("SET client_min_messages = warning");
  db.run("CREATE TABLE t (id bigint PRIMARY KEY, n integer NOT NULL DEFAULT 0)");
  db.run("CREATE TABLE below (LIKE t INCLUDING ALL, own text) INHERITS (t)");
  db.run("CREATE TABLE lowest (PRIMARY KEY (id)) INHERITS (below)");
  db.run("CREATE INDEX ON lowest (n)");
  int share = 0;
  for (const char* table : {"t", "below", "lowest"})
    db.run("INSERT INTO " + std::string(table) + " (id, n) SELECT 3 * g + " + std::to_string(share++) +
           ", g % 100 FROM generate_series(1, " + std::to_string(rows_of_a_table) + ") g");
  db.run("SELECT accord.register_contract('t')");

  std::atomic<bool> stop_direct{false}, stop{false};
  tree_writer direct(name, "lowest", "", 2);
  std::thread direct_thread([&] { direct.run_until(stop_direct); });
  while (direct.writes < 50)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  db.run(
      "SELECT accord.stage('t', 'ALTER TABLE t ALTER n TYPE text USING n || '' pieces''',"
      " down => 'n = split_part(n, '' '', 1)::integer')");
  tree_writer old_client(name, "t_v1.t", "", 1), new_client(name, "t_v2.t", " || ' pieces'", 0);
  std::thread old_thread([&] { old_client.run_until(stop); }), new_thread([&] { new_client.run_until(stop); });
  db.run("CALL accord.backfill('t', batch_ms => 5)");
  EXPECT_EQ(db.value("SELECT state FROM accord.status"), "active");
  long before = direct.writes;
  EXPECT_TRUE([&] {
    for (int i = 0; i < 3000 && direct.writes < before + 100; i++)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return direct.writes >= before + 100;
  }());
  stop_direct = true;  // its statements are those of the old shape
  direct_thread.join();
  db.run("SELECT accord.complete('t', force => true)");
  EXPECT_EQ(db.value("SELECT string_agg(element, ', ') FROM accord.drift()"), "");
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  stop = true;
  old_thread.join();
  new_thread.join();

  for (const auto* writer : {&direct, &old_client, &new_client}) {
    EXPECT_EQ(writer->error, "");
    EXPECT_GT(writer->writes, 100);
    EXPECT_EQ(differences(db, writer->ledger()), 0);
  }
  EXPECT_EQ(db.value("SELECT string_agg(DISTINCT tableoid::regclass::text, ' ') FROM t WHERE _accord_1_pending"), "");
  EXPECT_EQ(db.value("SELECT string_agg(check_name || ': ' || verdict, ', ') FROM accord.verify('t') WHERE verdict <> 'ok'"), "");
  EXPECT_EQ(db.value("SELECT state FROM accord.rollback('t')"), "rolled back");
  for (const auto* writer : {&direct, &old_client, &new_client}) {
    std::string values;
    for (const auto& [id, value] : writer->ledger())
      values += (values.empty() ? "(" : ",(") + std::to_string(id) + "," + std::to_string(value) + ")";
    EXPECT_EQ(db.number("SELECT count(*) FROM (VALUES " + values + ") w(id, value) LEFT JOIN t USING (id) WHERE n IS DISTINCT FROM value"),
              0);
  }
  EXPECT_EQ(db.value("SELECT string_agg(element, ', ') FROM accord.drift()"), "");
}

}  // namespace
}  // namespace accord_test
