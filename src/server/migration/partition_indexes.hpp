// The indexes of partitions that belong to an index of their partitioned table.
//
// Read from the catalogs before each step, since partitions come and go while a migration lives: a new one has whatever indexes its parent
// has then, and its twins are found by where they belong and not by what they are called.
#pragma once

#include "plan/migration.hpp"

namespace accord::migration {

// Fills in the partitions of every companion that is an index both versions have.
void find_partition_indexes(plan::migration&);

}  // namespace accord::migration
