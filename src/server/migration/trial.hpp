// Trying `up` and `down` on sampled rows and on edge values, before anything is changed.
//
// A conversion that loses something, or that fails for a row that is there, is told to whoever stages it and not to the first client that
// meets it.  Expressions run as the table's owner in a security-restricted operation, as they will in the triggers.
//
// Locking: ACCESS SHARE on the table.
#pragma once

#include "plan/migration.hpp"
#include "server/registry/contract.hpp"

namespace accord::migration {

// Throws AC005 where a sampled row has no value in the new version; warns of what does not survive the way there and back.
void try_on_rows(const registry::contract&, const plan::migration&);

}  // namespace accord::migration
