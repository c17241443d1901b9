// The same trial for columns that move from one table to another: rows of the side that has them are tried.
#pragma once

#include "plan/migration.hpp"
#include "server/registry/contract.hpp"

namespace accord::migration {

// As the owner of both tables; with what trial.hpp says.
void try_move(const registry::contract&, const plan::migration&, const plan::move&);

}  // namespace accord::migration
