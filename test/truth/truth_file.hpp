// truth_file: the data of a truth table (c1.truth, c2.truth, c3.truth); README.md describes the format.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace accord::truth {

struct client {
  std::string line;  // as written, to tell one list from another
  bool writes = false, prepared = false;
  std::string strictness, columns, sql;
};

struct truth_case {
  std::string row, name;                     // the row of the table, and the variant of it
  std::vector<std::string> setup, change;    // statements
  std::vector<std::string> instead;          // with the effect of the change, where it shows only after a commit
  std::vector<client> clients;               // beside those that every table has
  std::map<std::string, std::string> facts;  // what must be found: "star" -> "0A000 columns"
};

struct server_build {
  int version = 0;   // server_version_num
  bool icu = false;  // with its locales
};

// The cases and lines for this server; throws std::runtime_error naming file and line.
std::vector<truth_case> read_truth(const std::string& path, const server_build&);

}  // namespace accord::truth
