// What stands on a column of a version that is open and not the table's yet.
//
// These are the twins of the migration to it.  For the next migration they are what an index or a key of the table is for the first one, by the
// names that clients know, and that they will have when this next one is completed: migrations are completed in the order in which they were
// staged.  The originals serve an older version only, and go before it matters.
#pragma once

#include "plan/planner.hpp"

namespace accord::migration {

void adopt_twins(plan::surroundings&, const plan::migration& earlier);

}  // namespace accord::migration
