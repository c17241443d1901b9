// What the two consumer programs share: a session, a paced loop of operations, a ledger, and a
// one-line report.
//
// A consumer here is an ordinary application: its own role, its own connection, prepared
// statements, and no knowledge of accord.  What it does know is one shape of the table (--shape),
// as any deployed program does; which relation the name "flights" means is left to its search_path.
// Each committed write is noted in the ledger, so that afterwards somebody else can tell whether
// every one of them is there, in every version of the table.
//
// Invariants: an operation notes a write in the ledger after its commit and never for one that
// failed.  Any SQL error and any answer that cannot be right makes the exit status 1.
#pragma once

#include <cstdint>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <pqxx/pqxx>
#include <random>
#include <string>
#include <vector>

namespace flights {

// Runs a prepared statement; libpqxx renamed this in 7.10.
template <typename... Arguments>
pqxx::result run(pqxx::transaction_base& transaction, const char* statement, const Arguments&... arguments) {
#if PQXX_VERSION_MAJOR < 7 || (PQXX_VERSION_MAJOR == 7 && PQXX_VERSION_MINOR < 10)
  return transaction.exec_prepared(statement, arguments...);
#else
  return transaction.exec(pqxx::prepped{statement}, pqxx::params{arguments...});
#endif
}

struct options {
  std::string program;
  std::string connection;  // empty: libpq's environment
  int shape = 1;
  double seconds = 10;
  double rate = 100;  // operations a second; 0: as fast as they go
  std::uint64_t seed = 0;
  std::string ledger;  // a file, appended to; empty: none
};

// The command line of either program; exits by itself on --help and on mistakes.
options parse_options(int argc, char** argv, const std::string& program, const std::string& purpose);

// One committed write, in the words of the old shape; what it did not touch is empty.
struct entry {
  std::int64_t flight_id = 0;
  std::optional<int> minutes = {};           // added to the delay
  std::optional<std::string> schedule = {};  // set: New York time, 2013-05-07 08:30
  std::optional<std::string> carrier = {};   // set
  bool announced = false;                    // the row was inserted with these values
};

// The text of a field of the first row, or nothing for NULL.
std::optional<std::string> text_of(const pqxx::result& rows, std::size_t column);

class session {
 public:
  explicit session(const options& chosen);

  pqxx::connection& connection() { return connection_; }
  const options& chosen() const { return chosen_; }
  const std::string& relation() const { return relation_; }  // what "flights" means here

  int between(int low, int high);
  std::int64_t any_flight();  // every other time one of a few hundred that everybody wants
  // One that only deployments of this shape set anything of, so that a ledger can tell what must be
  // there although two deployments of a program overlap.  Even ones belong to shape 1.
  std::int64_t own_flight();
  std::string any_carrier();

  void note(const entry& written);
  // The server's answer is not what this client has just written.
  void expect(bool right, const std::string& what);
  std::uint64_t wrong_answers() const { return wrong_answers_; }

 private:
  options chosen_;
  pqxx::connection connection_;
  std::string relation_;
  std::int64_t last_flight_ = 0;
  std::mt19937_64 random_;
  std::ofstream ledger_;
  std::uint64_t wrong_answers_ = 0;
};

struct operation {
  enum class kind { read, write };
  kind does;
  int weight;
  std::function<void(session&)> act;
};

// Runs operations, drawn by weight, until the time is over or SIGTERM or SIGINT comes; prints the
// report; returns the exit status.
int consume(session& client, const std::vector<operation>& operations);

}  // namespace flights
