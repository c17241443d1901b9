// What the catalogs say about a table to which a migration moves columns, or from which it takes them.
#pragma once

#include "pg/bridge.hpp"
#include "plan/planner.hpp"

namespace accord::migration {

// By the name that the script gives it, under the search_path of who stages.
Oid relation_called(const core::qualified_name& written);
plan::other_table other_table_of(Oid table, Oid migrated);

}  // namespace accord::migration
