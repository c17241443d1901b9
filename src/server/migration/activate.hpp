// activate: the new version becomes usable, once every row has its value and every constraint is proven.
#pragma once

#include "server/registry/contract.hpp"

namespace accord::migration {

// Activates each preparing migration of the contract whose turn it is and that has nothing pending; the backfill calls it at its end, and
// says which one it has just looked through.  True when at least one became active.
bool try_activate(const registry::contract&, std::int64_t looked_through = 0);

}  // namespace accord::migration
