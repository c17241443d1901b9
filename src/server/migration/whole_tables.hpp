// CREATE TABLE and DROP TABLE in a migration: a table that comes with the new version, and one that goes with the old one.
//
// A new table is made by stage, in its transaction and with the rights of its caller, and dropped by a rollback.  A table that the new version
// has no need of stays as it is until purge: clients of the old version work with it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "server/migration/locking.hpp"
#include "server/migration/table_scripts.hpp"

namespace accord::migration {

// Throws 42501, or AC003 where other tables reference one or a migration of its own is live.
void require_may_drop(const std::vector<Oid>& relations);

// Runs what the script says about new tables; returns these.  Locks the tables of the script before, SHARE ROW EXCLUSIVE.
std::vector<Oid> create_tables(const sorted_script&, const lock_limits&);
// Runs f while they are there, and what `prepare` makes (none: nothing), and takes all of it back.
void beside_new_tables(const sorted_script&, const std::function<void()>& prepare, const std::function<void()>& f);

void save_whole_tables(std::int64_t migration, const std::vector<Oid>& created, const std::vector<Oid>& dropped);

// Throws AC004 while consumers are subscribed to a table that goes.
void require_dropped_unused(std::int64_t migration);

// The tables of a role, created or dropped, go.  Throws 2BP01 where other objects depend on them.
void drop_whole_tables(std::int64_t migration, const char* role, const lock_limits&);

}  // namespace accord::migration
