// descendants: commands that take rows to a relation, or away from it, with a partition or a table that inherits from it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/verdict.hpp"
#include "server/ddl/statement.hpp"
#include "server/guard/frames.hpp"
#include "server/guard/verdict.hpp"

namespace accord::guard {

// Contracted relations above those that the command attaches, detaches or drops.
std::vector<Oid> relations_above(Node* tree, const std::vector<ddl::statement>& named);
// All below.
std::map<Oid, child> children_of(Oid relation, Node* tree, const std::vector<ddl::statement>& named);
// What it means that these were below and others are now.  Those that come or go without a row change nothing, unless they were promised as a
// place for rows.
std::vector<core::finding> moved_rows(const core::shape& promised, Oid relation, const std::map<Oid, child>& before);
// DETACH … CONCURRENTLY commits before it ends, so it is judged before it begins: what goes, and from where.
std::vector<core::finding> detached_concurrently(Node* tree, const core::shape& promised);

}  // namespace accord::guard
