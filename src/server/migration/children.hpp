// Tables below a migrating one in an inheritance tree.
//
// The catalogs say which they are at each step; what a migration has noted of one (its shapes, and what stands on its columns) is found by
// its number, and goes when the table is dropped.
//
// Locking: none; whoever locks a table locks those below it.
#pragma once

#include <optional>
#include <vector>

#include "plan/planner.hpp"
#include "server/migration/dependents.hpp"
#include "server/migration/store.hpp"
#include "server/registry/contract.hpp"

namespace accord::migration {

// All below, parents before their children; not partitions.
std::vector<Oid> children_of(Oid relation);
// The contract as it is about that table.
registry::contract about_child(const registry::contract&, Oid child);
Oid relation_of(const plan::migration& child);

// What the planner must know of them.  `open`: the migration that the version to start from belongs to, if it is not completed.
std::vector<plan::child_table> child_tables(const registry::contract&, int major, const std::optional<record>& open);

// facts.hpp, of the table and of all below it.
std::vector<std::string> dependents_in_tree(Oid relation, const plan::migration&, const std::vector<std::string>& physical,
                                            const std::vector<core::qualified_name>& views = {});
functions_naming functions_in_tree(Oid relation, const std::vector<std::string>& columns);

void save_children(const plan::migration&);
void load_children(plan::migration&, const registry::contract&);

}  // namespace accord::migration
