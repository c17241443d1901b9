// Columns that move from one table to another: what `up` and `down` say about a table that comes with the new version, or that goes with the
// old one, becomes moves, or a refusal.
#pragma once

#include <string>
#include <vector>

#include "plan/planner.hpp"

namespace accord::plan {

struct moving_versions {
  const live_version &before, &after;
  const std::vector<std::string>& removed;   // columns of the old version that the new one does not have
  const std::vector<std::string>& replaced;  // those that it does not share
  const std::vector<std::string>& added;     // columns of the new version that only it has, and that nothing in its own table tells
};

// Announces what clients cannot have as before while the tables are kept in step, in full sentences.
std::vector<move> plan_moves(const request&, const moving_versions&, std::vector<std::string>& announcements);

}  // namespace accord::plan
