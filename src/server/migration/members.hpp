// The tables of a migration: what is done to one of them is done to all, in one transaction.
#pragma once

#include <cstdint>
#include <vector>

#include "server/migration/locking.hpp"
#include "server/migration/store.hpp"
#include "server/registry/contract.hpp"

namespace accord::migration {

struct member {
  registry::contract contract;
  record r;
};

// In the order of the tables' numbers, which is that of their locks.
std::vector<member> members_of(std::int64_t migration);
void lock_members(const std::vector<member>&, LOCKMODE, const lock_limits&);
void require_owner_of_all(const std::vector<member>&);

// Each as it is now: a step of one table can rename what another one names.
std::vector<plan::migration> load_all(const std::vector<member>&);
std::vector<step_table> step_tables(const std::vector<member>&, const std::vector<plan::migration>&);

// Keeps others from ending the same migration at the same moment.
void lock_migration_row(std::int64_t migration);

}  // namespace accord::migration
