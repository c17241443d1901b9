// The definitions of twins: what the catalogs say of an index or constraint, said about the columns that replace its own.
//
// Never by changing text: an empty table with the columns of the old version under the names of the new physical columns has the same indexes
// and constraints, and the server itself writes down what they are; a second one with the types of the new version shows whether they can be.
// This is how ALTER TABLE … TYPE carries them over, too.
//
// Both tables are in a schema of their own, which belongs to the table's owner and is gone at the end: expressions in indexes are user code.
#pragma once

#include <map>
#include <string>

#include "pg/bridge.hpp"
#include "plan/planner.hpp"
#include "server/registry/contract.hpp"

namespace accord::migration {

// Fills `definition` and `shown` of each companion.  `statements`: IndexStmt of the DDL, by the index's name.
// Throws AC003 with the server's reason where a twin is not possible.
void define_twins(const registry::contract&, plan::migration&, const std::map<std::string, Node*>& statements);

}  // namespace accord::migration
