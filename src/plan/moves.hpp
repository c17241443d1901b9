// Columns that move to another table: what `up` and `down` say about a table that the new version brings with it becomes moves, or a refusal.
#pragma once

#include <string>
#include <vector>

#include "plan/planner.hpp"

namespace accord::plan {

// `removed`: columns of the old version that the new one does not have; `replaced`: those that it does not share.  Announces what clients cannot
// have as before while the tables are kept in step, in full sentences.
std::vector<move> plan_moves(const request&, const live_version& old, const std::vector<std::string>& removed,
                             const std::vector<std::string>& replaced, std::vector<std::string>& announcements);

}  // namespace accord::plan
