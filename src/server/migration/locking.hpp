// Taking a lock on a table that others use, without becoming the accident oneself.
//
// Whoever waits for a strong lock makes everybody who comes later wait behind it.  So a try is short, tries are apart by a random pause, the
// total of what others can have waited is limited, and a transaction that has held a conflicting lock for long is not queued behind at all.
// Nobody is cancelled: when it does not work out, the error names who holds what.
//
// Locking: one order for everybody, since a wait by short tries is one that the server's search for deadlocks does not see.  First all tables
// of the migration SHARE UPDATE EXCLUSIVE, which one session at a time has; then the row of the migration in accord_catalog, and the other rows
// of it; then stronger locks on the same tables.  Nobody tries for the first lock on a table with a row in hand, but rollback, which cancels
// jobs before: whoever meets the rows of jobs with a table locked passes over them.
// A table is locked together with its partitions, in the server's own order, and all tables of a migration in that of their numbers.
// What one step needs is locked in one try, views before
// the tables behind them, as clients do it: whoever held a table and then waited for a view would be in a deadlock with every client that has
// begun a statement through the view, and the server could choose the client as its victim.
#pragma once

#include <string>
#include <vector>

#include "pg/bridge.hpp"
#include "plan/migration.hpp"

namespace accord::migration {

struct lock_limits {
  int timeout_ms = 200;  // of one try
  int budget_ms = 3000;  // of all tries together
};

// Throws 55P03 naming the holders of conflicting locks.
void lock_table(Oid relation, LOCKMODE, const lock_limits&);
// All of them or none; given in the order of their numbers.
void lock_tables(const std::vector<Oid>& relations, LOCKMODE, const lock_limits&);

struct step_table {
  Oid relation;
  const plan::migration* m;
};

// The tables and their versions' views ACCESS EXCLUSIVE; and at the other end of the migration's foreign keys the tables that are referenced,
// and those that reference: making a key locks them SHARE ROW EXCLUSIVE, dropping one ACCESS EXCLUSIVE, and renaming it only the table that
// has it.
struct other_ends {
  LOCKMODE referenced = NoLock, referencing = NoLock;
};
void lock_for_step(const std::vector<step_table>&, other_ends, const lock_limits&);
// The tables and those that they reference, while their views stay as they are.
void lock_with_referenced(const std::vector<step_table>&, LOCKMODE, const lock_limits&);

// The sessions that such a lock on the table or a partition of it would have to wait for now, the longest transaction first; empty: none.
std::string in_the_way(Oid relation, LOCKMODE);

// The limits from arguments lock_timeout and lock_budget of type interval.
lock_limits limits_from(FunctionCallInfo, int timeout_argument, int budget_argument);

}  // namespace accord::migration
