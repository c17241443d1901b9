// activate: the new version becomes usable, once every row has its value and every constraint is proven.
#pragma once

#include "plan/companion_steps.hpp"
#include "server/registry/contract.hpp"

namespace accord::migration {

// Activates each preparing migration of the contract whose turn it is and that has nothing pending in any of its tables; the backfill calls
// it at its end, and says in which one it has just looked through this contract's table.  True when at least one became active.
bool try_activate(const registry::contract&, std::int64_t looked_through = 0);

// Writes down index jobs for twins that are neither there nor on their way: somebody has dropped them, or a restore could not make them.
void request_missing_indexes(std::int64_t contract, std::int64_t migration);

// The indexes of partitioned tables take in those of the partitions; foreign keys to the columns of the new version, which wait for their
// unique index.
void add_keys(std::int64_t migration);

// Validates what is not valid yet, so that activating need not.
void prove_constraints(std::int64_t migration);

// A job for each index of the new version; stage leaves them to the backfill.
void start_index_jobs(const plan::migration&, const std::vector<plan::index_build>&);

}  // namespace accord::migration
