// Foreign keys between tables of one migration.
//
// Planned table by table, such a key has a twin at each end: the referencing table's from new columns to old ones, the referenced table's from
// old to new.  Together they are one key from new to new, which belongs to the table that has the constraint and waits for the index of the other.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/migration.hpp"

namespace accord::plan {

// The parts of FOREIGN KEY (a) REFERENCES s.t (b) ON DELETE …; columns with their quotes.
struct key_parts {
  std::string head;     // FOREIGN KEY (a)
  std::string table;    // s.t
  std::string columns;  // b; empty: the primary key
  std::string tail;     // what follows
};
key_parts parts_of_key(std::string_view definition);

// `migrations`: of one migration, with the definitions of their companions.
void join_keys(const std::vector<migration*>& migrations);

}  // namespace accord::plan
