// What the catalogs say about a table that the planner must know: keys, triggers, publications, privileges, defaults.
//
// Locking: none; the caller holds a lock on the table that keeps DDL away.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plan/planner.hpp"
#include "server/registry/contract.hpp"

namespace accord::migration {

plan::surroundings surroundings_of(const registry::contract&, int major);
std::map<std::string, std::optional<std::string>> physical_defaults(Oid relation);
std::vector<plan::owned_sequence> owned_sequences(Oid relation);
std::vector<core::privilege> table_privileges(Oid relation);
std::vector<std::string> users_of_schema(Oid relation);  // roles with USAGE on the table's schema; "public" for everybody
std::string owner_of(Oid relation);
Oid owner_oid(Oid relation);

// Both triggers that keep the versions in step are there and fire always.
bool is_kept_in_step(Oid relation);

}  // namespace accord::migration
