// sync_first and sync_last: BEFORE INSERT OR UPDATE FOR EACH ROW, ENABLE ALWAYS, one pair for a
// table whatever its number of migrations.
//
// "!accord_sync" sorts before the user's triggers, so that they see a row that agrees with itself;
// "~accord_sync" after them, so that what they changed is carried over.  The configuration is in
// the arguments ('1', contract id): the format of the arguments, and the contract.
//
// The state of one statement (sync_run) hangs on the trigger's FmgrInfo and dies with the
// executor's memory, also after an error.  What sync_last needs of sync_first it finds by the slot
// that carries the row through both: statements nested in user triggers use slots of their own.
#include "server/sync/triggers.hpp"

#include <optional>

#include "pg/scope.hpp"
#include "server/sync/inserted_columns.hpp"
#include "server/sync/program.hpp"
#include "server/sync/report.hpp"
#include "server/sync/row.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

struct sync_run {
  MemoryContextCallback callback;
  sync_run *next, *previous;
  MemoryContext memory;  // of the statement
  sync_program* program;
  sync_workspace* work;  // of a program that is not plain: this statement's
  bool* named;           // the columns that the INSERT names; nullptr: not known
  bool named_asked;
  TupleTableSlot* slot;  // of the row in `output`
  HeapTuple output;      // what sync_first returned; in output_memory
  MemoryContext output_memory;
  sync_run* partner;  // of sync_last: the run of sync_first that it met last
};

constinit sync_run* runs = nullptr;
constinit sync_run* recent = nullptr;  // the run of sync_first that was called last

void end_run(void* arg) {
  auto* run = static_cast<sync_run*>(arg);
  if (run->program) run->program->references--;
  (run->previous ? run->previous->next : runs) = run->next;
  if (run->next) run->next->previous = run->previous;
  if (recent == run) recent = nullptr;
  for (sync_run* other = runs; other; other = other->next)
    if (other->partner == run) other->partner = nullptr;
}

// Inside pg().
sync_run* begin_run(FmgrInfo* function) {
  auto* run = static_cast<sync_run*>(MemoryContextAllocZero(function->fn_mcxt, sizeof(sync_run)));
  run->memory = function->fn_mcxt;
  run->callback.func = end_run;
  run->callback.arg = run;
  run->next = runs;
  if (runs) runs->previous = run;
  runs = run;
  MemoryContextRegisterResetCallback(run->memory, &run->callback);
  function->fn_extra = run;
  return run;
}

TriggerData* trigger_data(FunctionCallInfo call) {
  if (!CALLED_AS_TRIGGER(call)) throw failure("39P01", "function was not called by the trigger manager");
  auto* data = reinterpret_cast<TriggerData*>(call->context);
  if (!TRIGGER_FIRED_BEFORE(data->tg_event) || !TRIGGER_FIRED_FOR_ROW(data->tg_event) ||
      !(TRIGGER_FIRED_BY_INSERT(data->tg_event) || TRIGGER_FIRED_BY_UPDATE(data->tg_event)))
    throw failure("39P01", "function must be fired before INSERT or UPDATE for each row");
  return data;
}

std::int64_t contract_argument(const Trigger* trigger) {
  char* end = nullptr;
  if (trigger->tgnargs == 2 && strcmp(trigger->tgargs[0], "1") == 0) {
    std::int64_t contract = strtoll(trigger->tgargs[1], &end, 10);
    if (end != trigger->tgargs[1] && *end == '\0') return contract;
  }
  throw failure(core::sqlstate::object_not_in_prerequisite_state, "unrecognized arguments of a synchronization trigger",
                "The trigger was made by another version of pg_accord.", "Update the extension's library on this server.");
}

// The run of this statement with a program that is valid now.
sync_run& current_run(FunctionCallInfo call, TriggerData* data) {
  auto* run = static_cast<sync_run*>(call->flinfo->fn_extra);
  if (run && is_valid(*run->program)) [[likely]]
    return *run;
  sync_program* program = find_program(data->tg_relation, contract_argument(data->tg_trigger));
  pg([&] {
    // Before the run refers to the program: what can fail.
    sync_workspace* work = nullptr;
    if (!program->plain) {
      MemoryContext outer =
          MemoryContextSwitchTo(AllocSetContextCreateInternal(call->flinfo->fn_mcxt, "accord sync statement", ALLOCSET_SMALL_SIZES));
      work = make_workspace(*program);
      MemoryContextSwitchTo(outer);
    }
    if (!run) run = begin_run(call->flinfo);
    if (run->program) {
      if (run->work) MemoryContextDelete(GetMemoryChunkContext(run->work));
      run->program->references--;
    }
    run->program = program;
    run->work = work;
    run->named_asked = false;
    program->references++;
  });
  return *run;
}

// Whether anybody but us may change the row before it is stored: as the run of sync_first knows, which was called a moment ago, or as
// the relation says.
bool has_other_triggers(const TriggerData* data, MemoryContext statement) {
  bool update = TRIGGER_FIRED_BY_UPDATE(data->tg_event);
  if (recent && recent->memory == statement && recent->program->relation == RelationGetRelid(data->tg_relation) &&
      !recent->program->dropped) [[likely]]
    return update ? recent->program->others_on_update : recent->program->others_on_insert;
  return other_triggers_of(data->tg_relation, update).any;
}

sync_row row_of(sync_run& run, const TriggerData* data) {
  sync_row row = {};
  row.program = run.program;
  row.work = run.work;  // execute() gives a plain program its own
  row.relation = data->tg_relation;
  bool update = TRIGGER_FIRED_BY_UPDATE(data->tg_event);
  row.new_slot = update ? data->tg_newslot : data->tg_trigslot;
  row.old_slot = update ? data->tg_trigslot : nullptr;
  row.tuple = update ? data->tg_newtuple : data->tg_trigtuple;
  return row;
}

// Runs the rules as the table's owner.  Expressions that reach beyond functions in C also get a
// search_path that nobody else chose.
template <typename F>
void execute(sync_row& row, F&& rules) {
  bool failed = false;
  ResourceOwner resources = CurrentResourceOwner;
  {
    std::optional<pinned_search_path> path;
    if (!row.program->plain) path.emplace();
    as_user owner(row.program->owner, true);
    try {
      pg([&] {
        // Looked up for each row: a statement nested in a user trigger may have replaced it.
        if (row.program->plain) row.work = session_workspace(*row.program);
        rules(row);
      });
    } catch (const pg_wall::pg_error&) {
      failed = true;  // raised again below, outside the handler
    }
  }
  if (failed) {
    CurrentResourceOwner = resources;
    report_pending_error(row);
  }
  if (row.conflict) report_conflict(row);
  if (row.given_generated) report_given_generated(row);
  if (row.without_value) report_missing_value(row);
  if (row.not_null_violated) report_null(row);
}

// Inside pg().
void remember_output(sync_run& run, const sync_row& row) {
  if (!run.output_memory) run.output_memory = AllocSetContextCreateInternal(run.memory, "accord sync output", ALLOCSET_SMALL_SIZES);
  MemoryContextReset(run.output_memory);
  MemoryContext outer = MemoryContextSwitchTo(run.output_memory);
  run.output = heap_copytuple(row.tuple);
  run.slot = row.new_slot;
  MemoryContextSwitchTo(outer);
}

sync_run* find_partner(FunctionCallInfo call, const TupleTableSlot* slot) {
  auto* last = static_cast<sync_run*>(call->flinfo->fn_extra);
  if (last && last->partner && last->partner->slot == slot) return last->partner;
  for (sync_run* run = runs; run; run = run->next)
    if (run->memory == call->flinfo->fn_mcxt && run->slot == slot) {
      if (!last) last = pg([&] { return begin_run(call->flinfo); });
      return last->partner = run;
    }
  return nullptr;
}

}  // namespace

namespace {
constinit bool left_alone = false;
}

rows_left_alone::rows_left_alone() : before_(left_alone) {
  left_alone = true;
}
rows_left_alone::~rows_left_alone() {
  left_alone = before_;
}

void sync_init() {
  sync_program_init();
  inserted_columns_init();
}

ACCORD_FUNCTION(accord_sync_first) {
  TriggerData* data = trigger_data(fcinfo);
  if (left_alone) return PointerGetDatum(TRIGGER_FIRED_BY_UPDATE(data->tg_event) ? data->tg_newtuple : data->tg_trigtuple);
  sync_run& run = current_run(fcinfo, data);
  recent = &run;
  const sync_program& program = *run.program;
  sync_row row = row_of(run, data);
  if (program.migration_count == 0) return PointerGetDatum(row.tuple);
  bool others = row.old_slot ? program.others_on_update : program.others_on_insert;
  row.check_not_null = !others;
  if (!row.old_slot) {
    if (!run.named_asked) {
      pg([&] {
        auto* named = static_cast<bool*>(MemoryContextAllocZero(run.memory, static_cast<Size>(run.program->descriptor->natts) + 1));
        run.named = inserted_columns(data->tg_relation, named) ? named : nullptr;
      });
      run.named_asked = true;
    }
    row.named = run.named;
    execute(row, sync_insert);
  } else {
    if (program.first_on_update) row.updated = data->tg_updatedcols;
    if (!sync_has_nothing_to_do(program, row.updated, data->tg_trigtuple, data->tg_relation)) execute(row, sync_update);
  }
  if (others) pg([&] { remember_output(run, row); });
  return PointerGetDatum(row.tuple);
}

ACCORD_FUNCTION(accord_sync_last) {
  TriggerData* data = trigger_data(fcinfo);
  bool update = TRIGGER_FIRED_BY_UPDATE(data->tg_event);
  HeapTuple tuple = update ? data->tg_newtuple : data->tg_trigtuple;
  if (left_alone || !has_other_triggers(data, fcinfo->flinfo->fn_mcxt)) return PointerGetDatum(tuple);
  sync_run* first = find_partner(fcinfo, update ? data->tg_newslot : data->tg_trigslot);
  if (!first || !first->output) return PointerGetDatum(tuple);
  sync_row row = row_of(*first, data);
  row.check_not_null = true;
  HeapTuple before = first->output;
  execute(row, [before](sync_row& r) { sync_after_triggers(r, before); });
  return PointerGetDatum(row.tuple);
}

}  // namespace accord::migration
