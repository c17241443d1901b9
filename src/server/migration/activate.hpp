// activate: the new version becomes usable, once every row has its value and every constraint is proven.
#pragma once

#include <cstdint>
#include <functional>

#include "plan/companion_steps.hpp"
#include "server/registry/contract.hpp"

namespace accord::migration {

// Activates each preparing migration of the contract whose turn it is and that has nothing pending in any of its tables, and then what waited
// for it in another table.  The backfill calls it at its end, says in which migration it has just looked through this contract's table, and
// commits after each: the tables of one are not kept locked while those of the next are waited for.
void open_versions(std::int64_t contract, std::int64_t looked_through, const std::function<void()>& after_each);

// The same for a migration that has just been staged and whose tables are locked.  One before it that is still preparing is left to
// whoever fills it, who then opens this one too: nobody is waited for here.
void open_staged(std::int64_t migration);

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
