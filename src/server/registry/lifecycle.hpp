// lifecycle: what happens to a contract when its table is renamed, moved or dropped, and what stands in the way of ending it.
//
// Locking: lock_contract() locks the contract's row until the end of the transaction.  Every function that decides from the versions of a
// contract and then writes takes it first, so that two of them run one after the other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/registry/contract.hpp"

namespace accord::registry {

// Called by the guard.  None of them fails when the relation has no contract.
void relation_renamed(Oid relation);  // or moved to another schema
void schema_renamed(Oid schema);
void relation_dropped(Oid relation, const core::qualified_name& last = {});

void lock_contract(std::int64_t contract);

struct live_migration {
  std::int64_t id;
  std::string state, from_version, to_version;
};
// preparing, active or completed, in the order in which they were staged
std::vector<live_migration> live_migrations(std::int64_t contract);
// Of versions that are live or of consumers: they would go on showing the relation that had the contract's name, so that no other one can carry it on.
bool has_views(std::int64_t contract);
// The contracted table above it in an inheritance tree that has a live migration with columns of its own; InvalidOid: none.
Oid migrating_table_above(Oid relation);
Oid migrating_table_at(Oid relation);  // or itself
// Throws AC003 when there is one.  `action` completes "cannot ...": drop contract "flights".
void require_no_live_migration(std::int64_t contract, const std::string& action);

}  // namespace accord::registry
