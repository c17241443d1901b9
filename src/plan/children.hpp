// children: what a migration does to the tables below its own in an inheritance tree.
//
// The columns of the contract are the table's in each of them, so a child follows the plan of the table; its shapes, and what stands on its
// columns, are its own.
#pragma once

#include <string>
#include <vector>

#include "plan/draft.hpp"
#include "plan/planner.hpp"
#include "plan/twins.hpp"

namespace accord::plan {

// Throws what errors.hpp says where the tree cannot follow.  `removed`: columns of the old version that are left out.
void check_tree(const request&, const migration&, const std::vector<std::string>& removed);

// The children of a migration that is planned otherwise.
std::vector<migration> plan_children(const request&, const migration&, const sorted_columns&, std::vector<std::string>& announcements);

// A child under the plan of its table; the shapes are those of its two versions.
migration child_of(const migration& root, const core::qualified_name& table, core::shape before, core::shape after);

}  // namespace accord::plan
