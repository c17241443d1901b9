// Rows that wait for their counterpart in the other table.
#pragma once

#include "plan/migration.hpp"

namespace accord::migration {

// A client of the old version has left a row pending where somebody else had its row of the new table and waited for him.  Who waited takes it
// over; where he did not, any write does, and so do complete and purge, before they need the tables for themselves.  Throws 55P03 when
// somebody has rows of the new table now.
void fill_moved_rows(const plan::migration&);

// So that purge, which looks through the tables before it locks them, knows that it must look once more: rows can have been left in between.
void note_left_pending();
bool was_left_pending();  // in this database, ever

}  // namespace accord::migration
