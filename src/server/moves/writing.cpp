// See writing.hpp.
#include "server/moves/writing.hpp"

#include <optional>

#include "pg/scope.hpp"
#include "server/moves/crossing.hpp"
#include "server/sync/triggers.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

// How long somebody who has the other table's row is waited for before it is looked whether he waits for us, and how often that is done; then
// he does not, and the server's own search for deadlocks is all that is needed.
constexpr const char* try_for_row_ms = "100";
constexpr int tries_for_row = 10;

// The statement that writes one of the two tables now, and the move that it is of.
struct own_write {
  Oid relation;
  int depth;
  std::int64_t migration, n;
};
constinit own_write writing = {InvalidOid, 0, 0, 0};

class writing_to {
 public:
  writing_to(Oid relation, const move_program& program) : before_(writing) {
    writing = {relation, trigger_depth(), program.migration, program.n};
  }
  ~writing_to() { writing = before_; }
  writing_to(const writing_to&) = delete;
  writing_to& operator=(const writing_to&) = delete;

 private:
  own_write before_;
};

// What the target gets is a write of its own, with its foreign keys and triggers, also where the row itself is written as on a replica.
class as_origin {
 public:
  explicit as_origin(bool wanted) : before_(SessionReplicationRole) {
    if (wanted) SessionReplicationRole = SESSION_REPLICATION_ROLE_ORIGIN;
  }
  ~as_origin() { SessionReplicationRole = before_; }
  as_origin(const as_origin&) = delete;
  as_origin& operator=(const as_origin&) = delete;

 private:
  int before_;
};

void show_what_we_do(void* about) {
  errcontext("%s", static_cast<const char*>(about));
}

parameter_list joined(const parameter_list& a, const parameter_list& b) {
  parameter_list all{nullptr, nullptr, a.count + b.count};
  pg([&] {
    all.values = static_cast<Datum*>(palloc(sizeof(Datum) * (static_cast<Size>(all.count) + 1)));
    all.nulls = static_cast<char*>(palloc(static_cast<Size>(all.count) + 1));
  });
  for (int i = 0; i < all.count; i++) {
    all.values[i] = i < a.count ? a.values[i] : b.values[i - a.count];
    all.nulls[i] = i < a.count ? a.nulls[i] : b.nulls[i - a.count];
  }
  return all;
}

parameter_list all_null(int count) {
  return pg([&] {
    parameter_list list{static_cast<Datum*>(palloc0(sizeof(Datum) * (static_cast<Size>(count) + 1))),
                        static_cast<char*>(palloc(static_cast<Size>(count) + 1)), count};
    memset(list.nulls, 'n', static_cast<Size>(count));
    return list;
  });
}

// The values that a statement has computed, from a column on.
parameter_list computed_by(const move_result& row, int first, int count) {
  return pg([&] {
    parameter_list list{row.values + first, static_cast<char*>(palloc(static_cast<Size>(count) + 1)), count};
    for (int i = 0; i < count; i++)
      list.nulls[i] = row.nulls[first + i] ? 'n' : ' ';
    return list;
  });
}

// An array of truth values as a parameter.
parameter_list which(int count, const bool* values) {
  return pg([&] {
    auto* elements = static_cast<Datum*>(palloc(sizeof(Datum) * (static_cast<Size>(count) + 1)));
    for (int i = 0; i < count; i++)
      elements[i] = BoolGetDatum(!values || values[i]);
    parameter_list one = all_null(1);
    one.values[0] = PointerGetDatum(construct_array(elements, count, BOOLOID, 1, true, TYPALIGN_CHAR));
    one.nulls[0] = ' ';
    return one;
  });
}

// Does anybody wait for a row that this transaction has?
bool is_waited_for() {
  return pg([] {
    for (TransactionId xid : {GetCurrentTransactionIdIfAny(), GetTopTransactionIdIfAny()}) {
      if (!TransactionIdIsValid(xid)) continue;
      LOCKTAG tag;
      SET_LOCKTAG_TRANSACTION(tag, xid);
      if (LockWaiterCount(&tag) > 1) return true;  // we are one of those that it counts
    }
    return false;
  });
}

}  // namespace

parameter_list values_of(const row_image& row, const column_list& columns) {
  return pg([&] {
    auto count = static_cast<Size>(columns.count);
    parameter_list list{static_cast<Datum*>(palloc0(sizeof(Datum) * (count + 1))), static_cast<char*>(palloc(count + 1)), columns.count};
    for (int i = 0; i < columns.count; i++) {
      bool null;
      list.values[i] = row.value(columns.columns[i], null);
      list.nulls[i] = null ? 'n' : ' ';
    }
    return list;
  });
}

bool has_null(const parameter_list& list) {
  for (int i = 0; i < list.count; i++)
    if (list.nulls[i] == 'n') return true;
  return false;
}

bool is_all_null(const parameter_list& list) {
  for (int i = 0; i < list.count; i++)
    if (list.nulls[i] != 'n') return false;
  return true;
}

bool same_values(const row_image& a, const row_image& b, const column_list& columns) {
  return pg([&] {
    for (int i = 0; i < columns.count; i++) {
      AttrNumber attnum = columns.columns[i];
      Form_pg_attribute column = TupleDescAttr(a.columns, attnum - 1);
      bool a_null, b_null;
      Datum x = a.value(attnum, a_null), y = b.value(attnum, b_null);
      if (a_null != b_null || (!a_null && !datum_image_eq(x, y, column->attbyval, column->attlen))) return false;
    }
    return true;
  });
}

bool* values_that_follow(const move_program& program, const row_image& before, const row_image& after) {
  auto* follow = pg([&] { return static_cast<bool*>(palloc0(static_cast<Size>(program.values.count) + 1)); });
  for (int i = 0; i < program.values.count; i++)
    follow[i] = !same_values(before, after, program.value_reads[i]);
  return follow;
}

namespace {

bool has_mark(const move_program& program, const row_image& row, bool mark) {
  return pg([&] {
    bool null;
    Datum value = row.value(program.marker, null);
    return !null && DatumGetBool(value) == mark;
  });
}

}  // namespace

bool is_ahead(const move_program& program, const row_image& row) {
  return has_mark(program, row, !program.arrives);
}

bool is_unfilled(const move_program& program, const row_image& row) {
  return program.arrives && has_mark(program, row, true);
}

int trigger_depth() {
  return pg([] { return DatumGetInt32(OidFunctionCall0Coll(F_PG_TRIGGER_DEPTH, InvalidOid)); });
}

bool is_own_write(Oid relation, const move_program& program) {
  return writing.relation == relation && writing.migration == program.migration && writing.n == program.n &&
         trigger_depth() == writing.depth + 1;
}

move_result move_work::execute(SPIPlanPtr plan, const parameter_list& parameters) {
  return pg([&] {
    ErrorContextCallback callback = {error_context_stack, show_what_we_do, const_cast<char*>(program_.about)};
    error_context_stack = &callback;
    MemoryContext outer = CurrentMemoryContext;
    move_result result{};
    SPI_connect();
    int code = SPI_execute_plan(plan, parameters.values, parameters.nulls, false, 0);
    if (code < 0) elog(ERROR, "a statement of a move failed: %s", SPI_result_code_string(code));
    result.processed = SPI_processed;
    if (SPI_tuptable && SPI_tuptable->numvals > 0) {
      TupleDesc columns = SPI_tuptable->tupdesc;
      result.found = true;
      MemoryContext spi = MemoryContextSwitchTo(outer);
      auto count = static_cast<Size>(columns->natts);
      result.values = static_cast<Datum*>(palloc0(sizeof(Datum) * (count + 1)));
      result.nulls = static_cast<bool*>(palloc0(count + 1));
      HeapTuple row = heap_copytuple(SPI_tuptable->vals[0]);
      heap_deform_tuple(row, columns, result.values, result.nulls);
      MemoryContextSwitchTo(spi);
    }
    SPI_finish();
    error_context_stack = callback.previous;
    return result;
  });
}

move_result move_work::read(move_statement which, const parameter_list& parameters) {
  return read(program_.plans[static_cast<int>(which)], parameters);
}

move_result move_work::read(SPIPlanPtr plan, const parameter_list& parameters) {
  std::optional<pinned_search_path> path;
  if (strcmp(namespace_search_path, "pg_catalog, pg_temp") != 0) path.emplace();  // the backfill's is
  return execute(plan, parameters);
}

uint64 move_work::write(move_statement which, const parameter_list& parameters) {
  bool to_source = which >= move_statement::write_source;
  writing_to ours(to_source ? program_.source : program_.target, program_);
  as_origin origin(!to_source);
  return execute(program_.plans[static_cast<int>(which)], parameters).processed;
}

// From the source to the target --------------------------------------------------------------

// False: somebody else has the row.
bool move_work::try_push(const parameter_list& key, const change& changed) {
  auto none = all_null(program_.values.count);
  const auto& values_before = changed.before ? *changed.before : none;
  auto now = read(plan_to_read_source(program_, changed.partition), program_.link ? joined(key, values_before) : key);
  if (!now.found) return true;  // deleted since, by the same statement
  bool says = now.truth(0), has = now.truth(1), has_before = now.truth(2);
  auto values = computed_by(now, 3, program_.values.count);
  if (!says) {
    if (!has) return true;
    if (changed.of_values && changed.before && !has_before) {  // what it showed went first, as a foreign key of both tables has it
      pull(key, nullptr);
      return true;
    }
    write(move_statement::remove, key);
    return !read(move_statement::read_source, program_.link ? joined(key, values_before) : key).truth(1);
  }
  if (!program_.link) {
    if (has) return write(move_statement::update, joined(joined(key, values), which(program_.values.count, changed.of_values))) > 0;
    write(move_statement::insert, joined(key, values));
    return true;
  }
  if (has) return !has_before || write(move_statement::remove_one, joined(key, values_before)) > 0;
  if (has_before) return write(move_statement::update, joined(joined(key, values), values_before)) > 0;
  write(move_statement::insert, joined(key, values));
  return true;
}

void move_work::wait_for_target(const parameter_list& key, bool for_good) {
  reported_error error;
  bool locked = subtransaction(
      [&] {
        local_settings settings;
        if (!for_good) settings.set("lock_timeout", try_for_row_ms);
        read(move_statement::lock_target, key);
      },
      error);
  if (!locked && (for_good || error.sqlstate != "55P03")) throw failure(error.sqlstate, error.message, error.detail, error.hint);
}

// Does who has the row of the target, and waits for us, write what we have written?
bool move_work::meets_in_a_value(const parameter_list& key, const change& changed) {
  if (program_.link) return false;  // its values are the row itself, which one of two has
  auto row = read(move_statement::find_target, key);
  return row.found && are_announced(program_, reinterpret_cast<ItemPointer>(DatumGetPointer(row.values[0])), changed.of_values);
}

void move_work::push(const parameter_list& key, const change& changed) {
  for (int tries = 0; !try_push(key, changed); tries++) {
    if (!changed.may_wait || is_waited_for()) {
      if (changed.may_wait && meets_in_a_value(key, changed))
        throw failure("40001", "could not serialize access due to concurrent update",
                      "A client of the other version writes the same column of the same row.", "Repeat the transaction.");
      rows_left_alone as_they_are;
      write(move_statement::mark, key);
      note_left_pending();
      return;
    }
    wait_for_target(key, tries >= tries_for_row);
  }
}

void move_work::erase(const parameter_list& key) {
  write(move_statement::erase, key);
}

void move_work::rename(const parameter_list& key, const parameter_list& before) {
  write(move_statement::rename, joined(key, before));
}

// From the target to the source --------------------------------------------------------------

namespace {

[[noreturn]] void fail_to_serialize() {
  throw failure("40001", "could not serialize access due to concurrent update");
}

}  // namespace

bool move_work::lock_source(const parameter_list& key) {
  auto row = read(move_statement::lock_source, key);
  if (row.found || !pg([] { return IsolationUsesXactSnapshot(); })) return row.found && row.truth(0);
  // It may have come after this transaction's snapshot, and could not be written.
  bool exists = pg([&] {
    SPI_connect();
    int code = SPI_execute_snapshot(program_.plans[static_cast<int>(move_statement::source_exists)], key.values, key.nulls,
                                    GetLatestSnapshot(), InvalidSnapshot, true, false, 1);
    bool found = code == SPI_OK_SELECT && SPI_processed > 0;
    SPI_finish();
    return found;
  });
  if (exists) fail_to_serialize();
  return false;
}

void move_work::lock_source_for_insert(const parameter_list& key, const parameter_list& values) {
  auto row = program_.link ? joined(key, values) : key;
  if (read(move_statement::lock_source_for_insert, row).processed > 0 || read(move_statement::target_exists, row).processed > 0) return;
  // Somebody has the row: who waited for it gives it back where there is a row to conflict with by now.
  reported_error error;
  bool locked = subtransaction(
      [&] {
        lock_source(key);
        if (read(move_statement::target_exists, row).processed > 0) throw failure("AC000", "given back");
      },
      error);
  if (!locked && error.sqlstate != "AC000") throw failure(error.sqlstate, error.message, error.detail, error.hint);
}

void move_work::pull(const parameter_list& key, const parameter_list* preferred) {
  auto parameters = key;
  if (program_.link) parameters = joined(key, preferred ? *preferred : all_null(program_.values.count));
  auto row = read(move_statement::read_target, parameters);
  if (!row.found || !row.truth(0)) return;
  write(move_statement::write_source, joined(key, computed_by(row, 1, program_.moved.count)));
}

void move_work::empty_source(bool all) {
  auto nothing = read(move_statement::read_absent, all_null(0));
  write(all ? move_statement::empty_source : move_statement::empty_absent, computed_by(nothing, 0, program_.moved.count));
}

namespace {

// A row with other values in the columns where it says the same as before.
HeapTuple with_values(const row_image& row, const row_image& before, const column_list& list, const Datum* given, const bool* given_nulls) {
  return pg([&] {
    auto count = static_cast<Size>(list.count) + 1;
    auto* columns = static_cast<int*>(palloc(sizeof(int) * count));
    auto* values = static_cast<Datum*>(palloc(sizeof(Datum) * count));
    auto* nulls = static_cast<bool*>(palloc(sizeof(bool) * count));
    int taken = 0;
    for (int i = 0; i < list.count; i++) {
      if (!same_values(before, row, {list.columns + i, 1})) continue;
      columns[taken] = list.columns[i];
      values[taken] = given[i];
      nulls[taken++] = given_nulls[i];
    }
    return heap_modify_tuple_by_cols(row.tuple, row.columns, taken, columns, values, nulls);
  });
}

}  // namespace

namespace {

// One of the target's values, and what the source says for it.
bool is_same(const move_program& program, const row_image& row, const move_result& says, int i) {
  return pg([&] {
    AttrNumber attnum = program.values.columns[i];
    Form_pg_attribute column = TupleDescAttr(row.columns, attnum - 1);
    bool null;
    Datum value = row.value(attnum, null);
    return null == says.nulls[3 + i] && (null || datum_image_eq(value, says.values[3 + i], column->attbyval, column->attlen));
  });
}

bool all_same(const move_program& program, const row_image& row, const move_result& says) {
  for (int i = 0; i < program.values.count; i++)
    if (!is_same(program, row, says, i)) return false;
  return true;
}

}  // namespace

HeapTuple move_work::with_what_is_said(const parameter_list& key, const row_image& row) {
  auto says = read(move_statement::read_source, key);
  return says.found && says.truth(0) ? with_values(row, row, program_.values, says.values + 3, says.nulls + 3) : row.tuple;
}

bool move_work::is_said(const parameter_list& key, const row_image& row) {
  auto says = read(move_statement::read_source, key);
  return says.found && all_same(program_, row, says);
}

void move_work::unmark(const parameter_list& key) {
  write(move_statement::unmark, key);
}

HeapTuple move_work::filled(const parameter_list& key, const row_image& row, const row_image& before) {
  if (has_null(key)) return row.tuple;
  auto first = read(move_statement::read_first, key);
  return with_values(row, before, program_.moved, first.values, first.nulls);
}

HeapTuple move_work::take_over(const parameter_list& key, const row_image& before, const row_image& after) {
  auto parameters = program_.link ? joined(key, all_null(program_.values.count)) : key;
  auto row = read(move_statement::read_source, parameters);
  if (!row.found) return after.tuple;
  if (!row.truth(0)) {  // emptied by a client of the source, who came first
    write(move_statement::remove, key);
    if (!read(move_statement::read_source, parameters).truth(1)) write(move_statement::unmark, key);
    return nullptr;
  }
  if (program_.link) {
    if (!all_same(program_, after, row)) push(key, {});
    write(move_statement::unmark, key);
    return after.tuple;
  }
  write(move_statement::unmark, key);
  return with_values(after, before, program_.values, row.values + 3, row.nulls + 3);
}

}  // namespace accord::migration
