// What a step does to indexes, keys, checks and foreign keys: they are built, opened, renamed and dropped beside the columns that they are on.
//
// An index of a partitioned table cannot be built while clients write.  So each partition gets its own, and the table's index, which is made
// with nothing below it, takes them in before the new version opens.
#pragma once

#include <string>
#include <vector>

#include "plan/script.hpp"

namespace accord::plan {

// CREATE INDEX CONCURRENTLY, which runs outside a transaction block, and the index that it makes.
struct index_build {
  core::qualified_name index;
  statement step;
};
// One; of a partitioned table one for each partition that has rows.  None: it is no index.
std::vector<index_build> index_builds(const migration&, const companion&);
std::vector<index_build> index_builds(const migration&);

std::string make_exclusion(const migration&, const companion&);
// A foreign key, first NOT VALID, then proven.  That of a partitioned table is one on each partition, which the table's own takes in when the
// version opens: PostgreSQL has no other way that does not read all rows while it keeps writers out.
void add_key(script&, const migration&, const companion&);
void validate_key(script&, const migration&, const companion&);
// The table whose constraint it is, and who may change it.
std::string table_of(const migration&, const companion&);
runner runner_of(const companion&);
std::string index_sql(const migration&, const std::string& name);

// The indexes of the partitions are built: a partitioned table's own take them in, and can be referenced then.
void take_in_partitions(script&, const migration&);
// When the old version has gone, what is added has the usual names on every partition: indexes of the old version had some of them, and a
// partition that came since has names made of columns that were called otherwise.
void name_added_indexes(script&, const migration&);
// Everything is built and proven: what is still missing, when the new version opens.
void open_companions(script&, const migration&);
// Triggers and policies from the columns of one version to those of the other: before and after the columns have their names.
void retarget(script&, const migration&, std::string retargeting::*text, const char* purpose);
// `forward`: the twins take the names; else the originals take them back.
void exchange_names(script&, const migration&, bool forward);
// Nothing can be dropped that a foreign key stands on.
void drop_keys(script&, const migration&, bool old);

}  // namespace accord::plan
