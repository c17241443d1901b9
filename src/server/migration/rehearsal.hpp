// rehearsal: what completion will make of a table, seen by doing it and putting it back.
#pragma once

#include "plan/migration.hpp"
#include "server/migration/locking.hpp"
#include "server/registry/contract.hpp"

namespace accord::migration {

// The shape that the table will have, as the catalogs will then say it, with those migrations completed that were staged before this one.  The
// tables below it learn their own.  Throws AC003 where a step fails.
core::shape rehearsed_shape(const registry::contract&, plan::migration&, const std::vector<step_table>&);

// The planned shape has defaults as the user wrote them; the catalogs have them in their own words.
void adopt_texts(plan::migration&, const core::shape& promised);

}  // namespace accord::migration
