// sync_row: the rules by which one row that is being written is made to agree with itself.
//
// A transform is a pair of column groups, one of the old and one of the new version, with up and
// down between them.  What changed decides the direction: the side that the writer changed carries
// over to the other, along the whole chain of live versions, and columns set on the way count as
// changed for the next pair.  Nothing else is touched, so a save of a whole row by an old client
// does not degrade a newer value.
//
// Order: first what the writer changed, in both directions, then rows that are still pending, then
// expressions that read a changed column outside their pair.  Each pair is settled at most once, so
// the passes end.
//
// Everything here runs inside pg(), creates plain data only, and allocates in the row's own
// expression context.
#pragma once

#include "server/sync/program.hpp"

namespace accord::migration {

struct sync_row {
  sync_program* program;
  sync_workspace* work;
  Relation relation;
  TupleTableSlot *new_slot, *old_slot;  // old_slot: nullptr on INSERT
  HeapTuple tuple;                      // the row as the trigger got it, and then as it must be stored
  const bool* named;                    // the columns that the INSERT named, by attribute number; nullptr: not known
  const Bitmapset* updated;             // the columns that can differ from the old row; nullptr: not known
  bool check_not_null;                  // nobody will change the row after us

  // What went wrong, or nullptr.
  const sync_transform* conflict;
  // The expression that is being evaluated, for its error; or that gave a NULL which its column
  // cannot hold.
  const sync_transform* transform;
  bool upward;
  int element;
  bool not_null_violated;
  const sync_column* without_value;    // that the writer gave NULL and that takes none
  const sync_column* given_generated;  // that the writer set, although it is generated
};

// Nothing that a migration watches can have changed in an UPDATE of `updated`, and the row is not pending: sync_update would leave it alone.
bool sync_has_nothing_to_do(const sync_program&, const Bitmapset* updated, HeapTuple old_tuple, Relation);

// True when `tuple` was replaced by a new one in the current memory context.  Stops early when it
// finds a conflict.
bool sync_insert(sync_row&);
bool sync_update(sync_row&);

// Carries over what user triggers changed since `before`, the row as we left it.
bool sync_after_triggers(sync_row&, HeapTuple before);

}  // namespace accord::migration
