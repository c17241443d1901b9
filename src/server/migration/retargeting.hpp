// retargeting: what the triggers and policies on replaced columns say at each step of a migration.
//
// The server writes it down: each is made on an empty copy of the table, whose columns are then renamed to those that replace them, as
// ALTER TABLE … RENAME would carry the definition along.  The copy is gone before the step ends.
#pragma once

#include "plan/migration.hpp"
#include "server/registry/contract.hpp"

namespace accord::migration {

// Fills the texts of the companions that are triggers or policies; AC003 for what cannot be copied.
void define_retargeted(const registry::contract&, plan::migration&);

}  // namespace accord::migration
