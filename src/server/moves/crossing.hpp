// crossing: two clients, each at its own of the two tables, that have locked their rows of one pair and write the same value of it.
//
// Each has computed what it writes from the value as it was.  On one table the later one waits and computes it again; here each has its own row
// already, and what one writes would replace what the other has added.  So one of the two has to do it again: the client of the source, who
// learns of the other before anything is left for him to take over.  Who writes another value of the same row is not disturbed.
//
// The client of the target says which values of its row it is about to write, by locks that nobody waits for, as long as it waits for the row
// of the source.
#pragma once

#include "server/moves/writing.hpp"

namespace accord::migration {

// What differs between two states of a row of the target, `row`; until it is withdrawn, or the transaction fails.
void announce_values(const move_program&, ItemPointer row, const row_image& before, const row_image& after);
void withdraw_values(const move_program&, ItemPointer row, const row_image& before, const row_image& after);
// Does another client announce one of these values, or any (none), of the row?
bool are_announced(const move_program&, ItemPointer row, const bool* values);

}  // namespace accord::migration
