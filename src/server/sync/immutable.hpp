// Whether an expression gives the same result for the same values, today and tomorrow, in every session.
#pragma once

#include <string>

#include "pg/pg.h"

namespace accord::migration {

// Throws AC003 with the function that is in the way.  More is let through than the server calls IMMUTABLE, where it is STABLE for a reason that
// cannot matter here: the labels of an enum change by DDL only, and concat(), array_to_string() and their like do what the texts of their
// arguments do.
void require_immutable(Node*, const std::string& column);

}  // namespace accord::migration
