// What the catalogs say about a table that a migration has just made, and to which it moves columns.
#pragma once

#include "pg/bridge.hpp"
#include "plan/planner.hpp"

namespace accord::migration {

// By the name that the script gives it, under the search_path of who stages.
Oid created_relation(const core::qualified_name& written);
plan::new_table new_table_of(Oid table, Oid migrated);

}  // namespace accord::migration
