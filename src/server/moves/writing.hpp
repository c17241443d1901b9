// writing: one row of either table is read, and the other table is made to say the same.
//
// A statement computes what the other table must say from the row as it is now, under a pinned search_path; another one writes it, under that
// of the client, since triggers of users fire.  Both as the table's owner, beyond row security like the server's own foreign keys.
//
// Our triggers leave alone what is written here: they know it by the table and by the depth of triggers.
//
// Locking: a client of the source holds its row and then wants that of the target; a client of the target holds that one and then wants the row
// of the source, which our BEFORE trigger locks for it.  So that neither waits for the other, the first never waits in vain: when somebody
// else has the target's row and waits for us, the row of the source is marked instead.  Who waited sees the mark as soon as he has the row,
// and takes over what was written; where both write the same value, the first gives way (crossing.hpp).  Who inserts into the target has no row there that others could want, and so takes the row of the source
// first; but not where ON CONFLICT could find a row, which is then the first.  Only what deletes a row of the source, or changes its key,
// waits for good.
#pragma once

#include "server/moves/program.hpp"

namespace accord::migration {

// Values of parameters; plain data.
struct parameter_list {
  Datum* values;
  char* nulls;
  int count;
};

// A row of a table.
struct row_image {
  HeapTuple tuple;
  TupleDesc columns;

  Datum value(AttrNumber attnum, bool& null) const { return heap_getattr(tuple, attnum, columns, &null); }
};

// In the current memory context, which is that of the row.
parameter_list values_of(const row_image&, const column_list&);
bool has_null(const parameter_list&);
bool is_all_null(const parameter_list&);
// Which values of the target follow from what differs between two rows of the source.
bool* values_that_follow(const move_program&, const row_image& before, const row_image& after);
bool same_values(const row_image& a, const row_image& b, const column_list&);
// Whether a row of the source has been left to a client of the other table, or, where columns leave, is not filled yet: the target lacks
// what it says.  And whether the row lacks what the target says.
bool is_ahead(const move_program&, const row_image&);
bool is_unfilled(const move_program&, const row_image&);

// The first row of a result.
struct move_result {
  uint64 processed;
  bool found;
  Datum* values;
  bool* nulls;

  bool truth(int column) const { return !nulls[column] && DatumGetBool(values[column]); }
};

int trigger_depth();
// Whether the trigger that runs now was fired by what this move writes here.
bool is_own_write(Oid relation, const move_program&);

// Work of one trigger call on the other table.
class move_work {
 public:
  explicit move_work(move_program& program) : program_(program), identity_(program.owner) { program_.references++; }
  ~move_work() { program_.references--; }
  move_work(const move_work&) = delete;
  move_work& operator=(const move_work&) = delete;

  // From the source to the target.
  struct change {
    const parameter_list* before = nullptr;  // the values of a link before the write
    const bool* of_values = nullptr;         // which values follow from what was written; none: all of them
    bool may_wait = true;
    Oid partition = InvalidOid;  // that has the row
  };
  void push(const parameter_list& key, const change&);
  void erase(const parameter_list& key);
  void rename(const parameter_list& key, const parameter_list& before);

  // A new row of a target that exists before, with what the source says, if it says anything.
  HeapTuple with_what_is_said(const parameter_list& key, const row_image& row);
  bool is_said(const parameter_list& key, const row_image& row);  // does a row of the target say what the source says
  void unmark(const parameter_list& key);

  // From the target to the source.  `preferred`: the values of the link that was written.
  bool lock_source(const parameter_list& key);  // is its row ahead
  void lock_source_for_insert(const parameter_list& key, const parameter_list& values);
  void pull(const parameter_list& key, const parameter_list* preferred);
  void empty_source(bool all);  // or what has lost its row with a partition
  // A row of the source with what the target has for it, except for what differs from the row as it was before.
  HeapTuple filled(const parameter_list& key, const row_image& row, const row_image& before);
  // A row that is ahead: what it says goes into the row of the target that is being written, except for what its writer changes.  Null: that
  // one is gone.
  HeapTuple take_over(const parameter_list& key, const row_image& before, const row_image& after);

 private:
  move_result read(move_statement, const parameter_list&);
  move_result read(SPIPlanPtr, const parameter_list&);
  uint64 write(move_statement, const parameter_list&);
  move_result execute(SPIPlanPtr, const parameter_list&);
  void wait_for_target(const parameter_list& key, bool for_good);
  bool try_push(const parameter_list& key, const change&);
  bool meets_in_a_value(const parameter_list& key, const change&);

  move_program& program_;
  as_owner_of_rows identity_;
};

}  // namespace accord::migration
