// What is tried on sampled rows: that every one has a value in the new version, and that it comes back.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pg/bridge.hpp"
#include "pg/scope.hpp"

namespace accord::migration {

// A subtransaction for a trial; a cancellation is not what is tried.
template <typename F>
bool attempt(F&& f, reported_error& error) {
  if (subtransaction(f, error)) return true;
  if (error.sqlstate.starts_with("57")) throw failure(error.sqlstate, error.message, error.detail, error.hint);
  return false;
}

// What follows the table in FROM: a large one is sampled by pages from all over it.
std::string sample_of(Oid relation);

// `rows`: a query whose columns v1, v2 … are what the new version shows as `columns`; `required`: conditions that no row may meet;
// `sampled`: a query of as many rows as were tried.  Throws AC005.  False: nothing can be said, since rows are hidden from their owner.
struct there {
  std::string rows, sampled, to_version;
  std::vector<std::string> columns;
  std::vector<std::string> required;
};
bool try_there(const there&);

// `rows`: a query with o1, b1, o2, b2 …: what a column holds, and what comes back of it.  Warns, unless rows are hidden.
struct back {
  std::string rows, sampled, to_version;
};
void try_back(const back&, std::size_t n, const std::string& column, const std::string& type);

// o1 and b1 are not the same.
std::string differs(std::size_t n, const std::string& type);

}  // namespace accord::migration
