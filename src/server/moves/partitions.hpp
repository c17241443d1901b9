// Rows of a table that is partitioned: as its partitions store them, and those of the source on their way from one partition to another.
//
// A partition can have its columns in another order, and the statements of a move know those of the table itself.
//
// An UPDATE that moves a row to another partition deletes it there and inserts it here, and that is what triggers are told.  But the deleted
// row says where it went, and the insertion is the next thing that the same command tells the same trigger.  So a row that leaves is
// remembered, and one that arrives finds what it was before.  Where a trigger of a user swallows the insertion, the row of the target stays:
// the server's own foreign keys have not seen the row go either.
#pragma once

#include "server/moves/writing.hpp"

namespace accord::migration {

// A row that a trigger is called for, as its table has its columns: the source, or the target.  What is needed for that is kept as long as its
// statement runs.
row_image row_of_source(FunctionCallInfo, const move_program&, HeapTuple);
row_image row_of_target(FunctionCallInfo, const move_program&, HeapTuple);
// The other way: as the relation of the trigger stores it.
HeapTuple row_of_partition(FunctionCallInfo, const row_image& of_table);

// Of a row that was deleted: it goes on in another partition.
bool leaves_for_partition(HeapTuple);
void note_departure(const TriggerData*, const move_program&);
// The row as it was in its old partition; tuple: null where it has just been made.
row_image before_arrival(const TriggerData*, move_program&);

}  // namespace accord::migration
