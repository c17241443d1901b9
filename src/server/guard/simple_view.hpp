// simple_view: what clients find behind a view that only passes on one table.
#pragma once

#include "core/shape.hpp"
#include "pg/bridge.hpp"

namespace accord::guard {

// The shape of a relation as it acts.  Of an auto-updatable view over all rows of one table, the table's NOT NULL, defaults, keys, checks and
// triggers are the view's too, as far as its columns have the same names; everything else is the relation's own shape.
core::shape shape_as_it_acts(Oid relation);

}  // namespace accord::guard
