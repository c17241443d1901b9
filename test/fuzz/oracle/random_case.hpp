// random_case: random schemas, and random changes of them.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "server.hpp"
#include "table.hpp"

namespace accord::oracle {

class dice {
 public:
  explicit dice(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine_); }
  bool chance(int percent) { return below(100) < static_cast<std::size_t>(percent); }
  template <class List>
  const auto& one_of(const List& list) {
    return list[below(list.size())];
  }

 private:
  std::mt19937_64 engine_;
};

// The schema that every case stands in: roles and schemas, made once for a cluster.
std::vector<std::string> world();

struct random_schema {
  std::vector<std::string> statements;  // make the table shop.t, its types, rows and rights
  std::string role;                     // of the clients
};
// A focus makes what one of the subjects of change needs more likely; empty: none.
random_schema make_schema(dice&, const std::string& focus);

// What of the table can be changed, by name.
struct parts {
  const table* t = nullptr;
  std::vector<row> constraints;  // name, kind, definition
  std::vector<row> defaults;     // column, expression
  std::vector<std::string> indexes, policies, triggers, rules;
  std::vector<std::string> publications, children;
  bool row_security = false, function = false;
  static parts read(server&, const table&);
};

struct random_change {
  std::string kind;                     // for the statistics
  std::vector<std::string> statements;  // several: a net effect
  bool at_commit = false;               // which is judged, not each of them
};
random_change make_change(dice&, const parts&, const std::string& focus);
std::vector<std::string> focuses();

}  // namespace accord::oracle
