// The indexes and foreign keys of partitions that belong to one of their partitioned table, and what keys to a partitioned table have for its
// partitions.
//
// Read from the catalogs before each step, since partitions come and go while a migration lives: a new one has whatever its parent has then,
// and twins are found by where they belong and not by what they are called.
#pragma once

#include "plan/planner.hpp"

namespace accord::migration {

// Fills in the partitions of every companion that is an index or a foreign key.
void find_partition_parts(plan::migration&);

// What partitions have alone, and the keys that they are partitioned by themselves: none has a twin.
void read_partitions(Oid relation, plan::surroundings&);

}  // namespace accord::migration
