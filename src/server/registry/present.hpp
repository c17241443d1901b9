// The table as it is now, in the words of a version of its contract.
#pragma once

#include "core/shape.hpp"
#include "server/registry/contract.hpp"

namespace accord::registry {

// Columns in the order in which the version has them, new ones last: after a migration the table itself has them in another order, which is
// no change.  While a migration lives, what stands on the table for the version that is not the table's own is left out, and what serves both
// is as the version has it; the migration sees to that.
core::shape present_shape(const contract&, const core::shape& version);

}  // namespace accord::registry
