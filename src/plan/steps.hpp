// The statements of each step of a migration, with their locks and reasons.
//
// Rendered from the migration as it is at that moment, never stored: between two steps a table can be renamed and another migration can
// be completed.  What a step does to the migration itself (physical names, defaults of views) is part of its outcome.
//
// Locking: expand, complete, undo, rollback and purge need ACCESS EXCLUSIVE on the table for a moment and touch no row, activate only where
// it makes an index a constraint or part of a partitioned table's; indexes are built CONCURRENTLY, constraints validated under SHARE UPDATE EXCLUSIVE.
#pragma once

#include <string>
#include <vector>

#include "plan/migration.hpp"

namespace accord::plan {

struct outcome {
  std::vector<statement> statements;
  migration after;
};

std::vector<statement> expand_steps(const migration&);
// The indexes of a partitioned table, once those of its partitions are built; before the keys that need them.
std::vector<statement> take_in_steps(const migration&);
// Foreign keys to the columns of the new version: once these have their unique index.
std::vector<statement> late_key_steps(const migration&);
std::vector<statement> validate_steps(const migration&);
std::vector<statement> activate_steps(const migration&);
outcome complete_steps(const migration&);  // the table gets the new shape; the old columns stay, kept in step
outcome undo_steps(const migration&);      // of a completed migration
// Foreign keys on columns that go with rollback or purge; before any table of the migration loses its columns.
std::vector<statement> drop_key_steps(const migration&, phase);
std::vector<statement> rollback_steps(const migration&);  // of one that is not completed, or undone
// Of purge: triggers that fire for the new version's columns only.
std::vector<statement> triggers_after_purge(const migration&);
std::vector<statement> purge_steps(const migration&);  // of a completed one

// NOT NULL of a new column, as a check that can be validated without blocking anybody.
std::string not_null_check(const migration&, std::string_view column);

}  // namespace accord::plan
