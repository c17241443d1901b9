// Where a command runs: a database given by a connection string, or a throw-away cluster filled
// from SQL files.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/database.hpp"
#include "cli/ephemeral.hpp"
#include "cli/files.hpp"

namespace CLI {
class App;
}

namespace accord::cli {

struct target_options {
  std::string connection_string;  // empty: the PG* environment variables
  bool ephemeral = false;
  std::string bindir;                  // of the ephemeral server
  std::vector<std::string> prepare;    // SQL files, folders or dumps that make the tables in it, in order
  std::vector<std::string> contracts;  // the same for contracts, after the tables
};

void add_target_options(CLI::App&, target_options&);

// An open connection with the extension checked; keeps the throw-away cluster alive.
class target {
 public:
  // `applied`: files that are executed between --prepare and --contracts, in an ephemeral cluster only.
  explicit target(const target_options&, const std::vector<source_file>& applied = {});
  database& db() { return *db_; }
  bool is_ephemeral() const { return cluster_ != nullptr; }

 private:
  std::unique_ptr<ephemeral_cluster> cluster_;
  std::unique_ptr<database> db_;
};

}  // namespace accord::cli
