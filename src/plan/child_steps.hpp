// child_steps: what the steps of a migration do to the tables below its own in an inheritance tree.
//
// ALTER TABLE carries columns, their names and inherited checks down by itself.  The rest is each table's own: where a child has a column
// or a check both by itself and from its parents, its own comes first and PostgreSQL merges the two, so that it stays its own; and what the
// parents lose and the child keeps, as ALTER TABLE would leave it, gets its name back.
#pragma once

#include "plan/script.hpp"

namespace accord::plan {

// Before the parents get theirs, the lowest first.
void define_local_columns(script&, const migration&);
void add_checks_below(script&, const migration&);

// Each child after its parents.
void expand_children(script&, const migration&);
void retarget_children(script&, const migration&, phase, std::string retargeting::*text, const char* purpose);
void validate_children(script&, const migration&);
void open_children(script&, const migration&);
void complete_children(script&, migration&);
void put_back_objects_of_children(script&, migration&);  // before the columns get their names back
void undo_children(script&, migration&);                 // and after

void drop_from_children(script&, const migration&, phase);  // before the columns go: what does not go with them
void drop_local_columns(script&, const migration&, phase);  // after those of the parents are gone

// One that comes while the migration is live.
std::vector<statement> adopt_steps(const migration& child);

}  // namespace accord::plan
