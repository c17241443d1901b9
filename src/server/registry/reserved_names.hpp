// Names of users' own that would be taken for those of a migration.
//
// Who reads the catalogs knows by its name what a live migration has made: _accord_7_a, ~accord_7_a, !accord_sync.
#pragma once

#include "pg/bridge.hpp"

namespace accord::registry {

// Throws 42939 for a column, constraint, index, trigger, policy or statistics object of the table, or of one below it, that is called so
// and that no live migration has made.
void require_own_names(Oid relation);

}  // namespace accord::registry
