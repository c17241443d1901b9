// migration_guard: nobody takes apart by hand what a live migration stands on.
//
// Independent of the guard's mode: a column that the sync trigger writes, or the trigger itself, is not a promise that could be waived but a
// part of the machine.  Only accord.guard = off lets it through.
#pragma once

#include "server/guard/frames.hpp"
#include "server/registry/contract.hpp"

namespace accord::guard {

// Before anything happens: DROP EXTENSION, DROP OWNED by the extension's owner, and what names a version schema or a view in it.
void protect_from_intent(Node* tree);
// A table that comes into an inheritance tree whose rows are kept in step, or leaves it, with its rows.
void protect_tree(Node* tree, const std::string& tag);
// The relations that a statement names: a view in a version schema.
void protect_view(Oid relation, const std::string& tag);
// A table that a live migration keeps in step with another one, known by its triggers: its names and types, and what fires when it is written.
void protect_moved_to(Oid relation, Node* tree, const std::string& tag);
// After CREATE TABLE: a partition of such a table is watched as the others are.
void follow_new_partition(Node* tree);
// A trigger that has gone, with whatever it stood on.  `table`: none where that went too.
void protect_move_trigger(const std::string& name, Oid table, const std::string& tag);
// A table that has lost a constraint: the one that tells which of its rows belongs to which of the other table is there still.
void protect_move_key(Oid table, const std::string& tag);
// Afterwards: the physical columns and the sync triggers of the live migrations are still as they were.
void protect_from_truth(const registry::contract&, const watched&, const std::string& tag);
// Afterwards: partitions that have come bring no row that would stay as only one version knows it.
void protect_from_rows(const registry::contract&, const watched&, const std::string& tag);

}  // namespace accord::guard
