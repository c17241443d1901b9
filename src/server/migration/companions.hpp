// What stands on replaced columns, as accord_catalog keeps it: of the contract's table, or of one below it in an inheritance tree.
#pragma once

#include "pg/bridge.hpp"
#include "plan/migration.hpp"

namespace accord::migration {

void save_companions(const plan::migration&, Oid child);  // InvalidOid: of the contract's table
void load_companions(plan::migration&, Oid relation, bool is_child);
// Those that the replaced columns of the table own, or the columns that replace them.
std::vector<plan::owned_sequence> sequences_of(const plan::migration&, Oid relation);

}  // namespace accord::migration
