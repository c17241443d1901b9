// Who relies on columns of a table, or on the views of its versions, beside their clients.
//
// Locking: none; the caller holds a lock on the table that keeps DDL away.
#pragma once

#include <string>
#include <vector>

#include "plan/migration.hpp"
#include "server/registry/contract.hpp"

namespace accord::migration {

// Objects other than our own that stand on columns of the table (views, policies, triggers, rules, statistics) or on the views of versions;
// described for people.
// Triggers and policies that the migration carries along are left out.
std::vector<std::string> dependents(Oid relation, const plan::migration&, const std::vector<std::string>& physical,
                                    const std::vector<core::qualified_name>& views = {});
// Functions of the table's triggers that name one of the columns, and other functions that name both the table and one of them.
struct functions_naming {
  std::vector<std::string> of_triggers, others;
};
functions_naming functions_that_name(Oid relation, const std::vector<std::string>& columns);

}  // namespace accord::migration
