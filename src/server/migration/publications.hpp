// Publications that name columns of a table, in a column list or a row filter, follow them when a migration is completed or undone.
//
// A publication knows columns by number.  Left alone it would go on with the old ones after completion: under names that no subscriber has, and
// without the new key, so that the server would refuse every UPDATE.
//
// Locking: the caller's ACCESS EXCLUSIVE on the table and those below it.
#pragma once

#include "plan/migration.hpp"

namespace accord::migration {

// Before the names change on completion, and after they have changed back.
void publish_new_columns(Oid relation, const plan::migration&);
void publish_old_columns(Oid relation, const plan::migration&);
// What publish_new_columns will do, of a migration that is planned only.
std::vector<plan::statement> publication_steps(Oid relation, const plan::migration&);

}  // namespace accord::migration
