// Which indexes and constraints the new version gets for itself, and which stay behind with the old one.
//
// A replaced column takes nothing along: each index, key, check and foreign key on it gets a twin on the column that replaces it, or the plan
// is refused by name.  What the DDL adds must have a column of the new version's own to stand on, since clients of the old version know
// nothing of it; what it drops holds until purge where both versions share the columns.
#pragma once

#include <string>
#include <vector>

#include "plan/draft.hpp"
#include "plan/planner.hpp"

namespace accord::plan {

// How the planner has sorted the columns.
struct sorted_columns {
  std::vector<std::string> dual, plain;       // of the new version: kept in step, only its own
  std::vector<std::string> retyped, removed;  // of the old version: with a successor of their own, without
};

// Fills companions and dropped of the migration, whose versions are there.
void choose_companions(const request&, const draft&, const sorted_columns&, migration&, std::vector<std::string>& announcements);

}  // namespace accord::plan
