// A subset of a backfill by condition: the pending rows for which it holds, by their places.
//
// The planner finds them, so that a range of keys costs what an index costs.  The condition runs as the table's owner in a
// security-restricted operation, and sees every row.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "server/backfill/batch.hpp"

namespace accord::migration {

struct found_rows {
  std::string storage;  // file that the places speak of
  std::vector<row_place> places;
};

// The primary key of a row, as "(id) = (7)"; empty without one, or where the current user may not read it.
std::string key_at(Oid heap, row_place);

// By heap, in the order of their blocks.
std::map<Oid, found_rows> find_pending_rows(Oid relation, const std::string& marker, const std::string& condition);

}  // namespace accord::migration
