// The SQL that keeps the rows of two tables in step, where a migration moves columns from one to the other.
//
// Everything goes from the row that was written to what the other table must say: a statement reads one side by its key and computes the
// other, and another one writes it.  So it does not matter how often, in which order or for which of several changes it runs.
//
// Parameters: the key first, then values in the order of their columns.  What computes runs under search_path = pg_catalog; what writes fires
// triggers of users, who count on their own, and so names every operator with its schema.
//
// Locking: whoever writes the source has its row and then wants the target's, whoever writes the target has its row and then wants the
// source's.  So that they never wait for each other, the first takes only what is free: SKIP LOCKED.
//
// The mark of a row of the source: true until the backfill has been there; where columns leave, the target lacks what the row says, and where
// they arrive, the row lacks what the target says.  A row that a client has left to another one lacks nothing: the target does.  It is
// marked true again where columns leave, and false where they arrive.
#pragma once

#include <string>

#include "plan/migration.hpp"
#include "plan/row_sql.hpp"

namespace accord::plan {

// A move, and what its tables and columns are called now.
struct move_place {
  move what;
  core::qualified_name source, target;
  std::string marker;
  verify_scope version, target_columns;  // of the source: the version that has the columns
  bool partitioned = false;              // the source
};

struct move_sql {
  // Is there anything to say (to a row of a target that exists before: always); has the target got a row (link: this one); has it got the one of before (link; values of before as
  // parameters); the values.
  std::string read_source;
  std::string insert;
  std::string update;         // values, then an array that says which of them count; of a link: values, then those of before
  std::string remove;         // what the target has for the key
  std::string remove_one;     // link: the row with these values
  std::string lock_target;    // what the target has for the key; waits
  std::string find_target;    // where the row with the key is
  std::string erase, rename;  // these wait too; rename: new key, old key
  // Must the source be written; the values.  Link: values to be preferred as parameters.
  std::string read_target;
  std::string read_first;   // the values for a row that has not been filled yet
  std::string lock_source;  // has it been left to us
  std::string source_exists;
  // Before an INSERT into the target (link: with the values): the same where the target has no such row and nobody has the source's; and
  // whether it has one.
  std::string lock_source_for_insert, target_exists;
  std::string write_source, mark, unmark;
  // Where the target has lost all its rows, and those of one partition; the values as parameters, without a key.
  std::string read_absent, empty_source, empty_absent;
};

move_sql statements_of(const move_place&);
// read_source of a row that is known to be in this partition.
std::string read_source_in(const move_place&, const core::qualified_name& partition);

// For accord.verify: one row with the numbers of rows, pending rows and mismatched rows; keys of mismatched rows.
std::string count_mismatches(const move_place&);
std::string sample_mismatches(const move_place&, int limit);
// "street, city -> address (street, city)", or the other way
std::string check_name(const move&);
// Rows of the target that the source does not show, which go with it: can there be any; the same as of mismatches.
bool can_lose_rows(const move&, bool key_takes_null);
std::string count_lost(const move_place&);
std::string sample_lost(const move_place&, int limit);

}  // namespace accord::plan
