// The DDL, up and down of a migration, taken apart by table.
//
// A migration of several tables is planned table by table.  Each gets the text of the user with everything that is about other tables turned
// into blanks, so that the positions of errors stay those of what he wrote.  In up and down a column can be qualified, orders.total = …; one
// that is not belongs to the contract that the call names.
#pragma once

#include <vector>

#include "server/migration/preparation.hpp"
#include "server/registry/contract.hpp"

namespace accord::migration {

struct table_script {
  registry::contract contract;
  stage_arguments arguments;
};

struct sorted_script {
  std::vector<table_script> by_table;         // in the order of the tables' numbers
  std::vector<std::string> creating;          // CREATE TABLE, and what else is about the new tables, as written
  std::vector<core::qualified_name> created;  // as written: the schema can be empty
  std::vector<Oid> dropping;                  // of DROP TABLE
};

// Throws AC003 for a statement about a table that has no contract, or about several tables at once.
sorted_script scripts_by_table(const registry::contract& named, const stage_arguments&);

}  // namespace accord::migration
