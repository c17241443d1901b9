// move_program: what the triggers of one move do, prepared and kept for the session.
//
// Invariants: a program of which one of the two tables, or a partition, saw a relcache invalidation is not used for another row, since every step of a
// migration's life is DDL on them.  It stays allocated while a running trigger refers to it.  Everything in it is plain data in its own
// memory context.
#pragma once

#include <cstdint>

#include "pg/bridge.hpp"

namespace accord::migration {

// Columns of a table, in the order of the parameters that they give.
struct column_list {
  AttrNumber* columns;
  int count;
};

// read_source in one partition.
struct local_read {
  Oid partition;
  SPIPlanPtr plan;
};
constexpr int local_reads_kept = 4;

enum class move_statement {
  read_source,
  insert,
  update,
  remove,
  remove_one,
  lock_target,
  find_target,
  erase,
  rename,
  read_target,
  read_first,
  lock_source,
  source_exists,
  lock_source_for_insert,
  target_exists,
  write_source,
  mark,
  unmark,
  read_absent,
  empty_source,
  empty_absent,
  count
};

struct move_program {
  MemoryContext memory;
  move_program* next;
  std::int64_t migration, n;
  Oid source, target;
  TupleDesc columns, target_columns;  // of the two tables
  Oid* partitions;                    // of both, in the order of their numbers
  int partition_count;
  Oid owner;          // of the source: everything runs as this role
  const char* about;  // for the context of errors
  bool link, arrives, existing;
  bool dropped;    // an invalidation hit it
  int references;  // running triggers that use it
  AttrNumber marker;
  // Of the source: the key, what is read for the target, and what moves; of the target: the key, what gets the values, what is read for the
  // source.
  column_list key, reads, moved;
  column_list target_key, values, target_reads;
  column_list* value_reads;  // by value: what its expression reads of the source
  SPIPlanPtr plans[static_cast<int>(move_statement::count)];
  // Of a partitioned source: where rows come one after the other from the same partition, as those of a backfill do, they are read there.
  local_read local_reads[local_reads_kept];
  int next_local_read;
  Oid last_partition;
};

// Runs as the owner of both tables, whose rows no policy hides: a plan that is made without would keep to the policies of its time.
class as_owner_of_rows {
 public:
  explicit as_owner_of_rows(Oid owner) {
    GetUserIdAndSecContext(&user_, &context_);
    SetUserIdAndSecContext(owner, context_ | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION | SECURITY_NOFORCE_RLS);
  }
  ~as_owner_of_rows() { SetUserIdAndSecContext(user_, context_); }
  as_owner_of_rows(const as_owner_of_rows&) = delete;
  as_owner_of_rows& operator=(const as_owner_of_rows&) = delete;

 private:
  Oid user_;
  int context_;
};

Oid owner_of_table(Oid relation);
// Is it one of the two tables, or a partition?
bool concerns(const move_program&, Oid relation);

// The plan that reads a row of the source which is in this partition.
SPIPlanPtr plan_to_read_source(move_program&, Oid partition);

// The valid program of a move, made if need be.
move_program& find_move(std::int64_t migration, std::int64_t n);

}  // namespace accord::migration
