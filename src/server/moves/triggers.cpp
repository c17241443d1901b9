// The triggers on both tables of a move: who wrote what, and what follows for the other table.
//
// Their arguments are '1' (the format), the migration's number, and the move's.
#include <fmt/format.h>

#include "pg/bridge.hpp"
#include "server/moves/crossing.hpp"
#include "server/moves/partitions.hpp"
#include "server/moves/writing.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

TriggerData* move_trigger_data(FunctionCallInfo call, bool before) {
  if (!CALLED_AS_TRIGGER(call)) throw failure("39P01", "function was not called by the trigger manager");
  auto* data = reinterpret_cast<TriggerData*>(call->context);
  bool right_time = before ? TRIGGER_FIRED_BEFORE(data->tg_event) : TRIGGER_FIRED_AFTER(data->tg_event);
  if (!right_time || (!TRIGGER_FIRED_FOR_ROW(data->tg_event) && !TRIGGER_FIRED_BY_TRUNCATE(data->tg_event)))
    throw failure("39P01", before ? "function must be fired before a row is written" : "function must be fired after a row is written");
  return data;
}

move_program& move_of_trigger(const TriggerData* data) {
  const Trigger* trigger = data->tg_trigger;
  if (trigger->tgnargs != 3 || strcmp(trigger->tgargs[0], "1") != 0)
    throw failure(core::sqlstate::object_not_in_prerequisite_state, "unrecognized arguments of a trigger that keeps two tables in step",
                  "The trigger was made by another version of pg_accord.", "Update the extension's library on this server.");
  auto& program = find_move(strtoll(trigger->tgargs[1], nullptr, 10), strtoll(trigger->tgargs[2], nullptr, 10));
  if (!concerns(program, RelationGetRelid(data->tg_relation)))
    throw failure(core::sqlstate::object_not_in_prerequisite_state,
                  fmt::format("table \"{}\" is not part of the migration whose trigger it has", RelationGetRelationName(data->tg_relation)),
                  {}, "Drop the trigger.");
  return program;
}

// Of an INSERT or UPDATE.
HeapTuple new_tuple(const TriggerData* data) {
  return TRIGGER_FIRED_BY_UPDATE(data->tg_event) ? data->tg_newtuple : data->tg_trigtuple;
}

}  // namespace

namespace {

// An UPDATE of the source, also one that has moved the row to another partition.
void source_updated(move_program& program, row_image before, const row_image& after, Oid partition) {
  auto key = values_of(after, program.key);
  move_work work(program);
  if (is_unfilled(program, before)) before.tuple = work.filled(values_of(before, program.key), before, before);
  bool pending = is_ahead(program, before), renamed = !same_values(before, after, program.key);
  bool changed = !same_values(before, after, program.reads) || !same_values(before, after, program.moved);
  if (!pending && !renamed && !changed) return;
  if (auto old_key = values_of(before, program.key); renamed && !has_null(old_key)) {
    if (has_null(key)) {
      work.erase(old_key);
      return;
    }
    work.rename(key, old_key);
    if (!pending && !changed) return;
  }
  if (has_null(key)) return;
  auto values_before = values_of(before, program.moved);
  move_work::change written;
  if (program.link && !same_values(before, after, program.moved)) written.before = &values_before;
  // What its writer left alone can be newer in the new table than a value that is computed again.
  if (!pending) written.of_values = values_that_follow(program, before, after);
  written.partition = partition;
  written.may_wait = changed;  // a row that is only filled does not wait: the backfill comes back to it
  work.push(key, written);
}

}  // namespace

ACCORD_FUNCTION(accord_move_source) {
  auto* data = move_trigger_data(fcinfo, false);
  auto& program = move_of_trigger(data);
  if (is_own_write(program.source, program)) return PointerGetDatum(nullptr);
  if (TRIGGER_FIRED_BY_DELETE(data->tg_event)) {
    if (leaves_for_partition(data->tg_trigtuple)) {
      note_departure(data, program);
      return PointerGetDatum(nullptr);
    }
    auto before = row_of_source(fcinfo, program, data->tg_trigtuple);
    if (auto key = values_of(before, program.key); !has_null(key)) move_work(program).erase(key);
    return PointerGetDatum(nullptr);
  }
  auto after = row_of_source(fcinfo, program, new_tuple(data));
  Oid partition = RelationGetRelid(data->tg_relation);
  if (TRIGGER_FIRED_BY_INSERT(data->tg_event)) {
    if (auto before = before_arrival(data, program); before.tuple)
      source_updated(program, before, after, partition);
    else if (auto key = values_of(after, program.key); !has_null(key))
      move_work(program).push(key, {.partition = partition});
    return PointerGetDatum(nullptr);
  }
  source_updated(program, row_of_source(fcinfo, program, data->tg_trigtuple), after, partition);
  return PointerGetDatum(nullptr);
}

ACCORD_FUNCTION(accord_move_fill) {
  auto* data = move_trigger_data(fcinfo, true);
  auto& program = move_of_trigger(data);
  auto before = row_of_source(fcinfo, program, data->tg_trigtuple);
  if (!is_unfilled(program, before) || is_own_write(program.source, program)) return PointerGetDatum(data->tg_newtuple);
  auto after = row_of_source(fcinfo, program, data->tg_newtuple);
  move_work work(program);
  return PointerGetDatum(row_of_partition(fcinfo, {work.filled(values_of(before, program.key), after, before), program.columns}));
}

ACCORD_FUNCTION(accord_move_lock) {
  auto* data = move_trigger_data(fcinfo, true);
  bool update = TRIGGER_FIRED_BY_UPDATE(data->tg_event), remove = TRIGGER_FIRED_BY_DELETE(data->tg_event);
  HeapTuple tuple = new_tuple(data);
  auto& program = move_of_trigger(data);
  if (is_own_write(program.target, program)) return PointerGetDatum(tuple);
  // As the row's own table stores it, where it is not the row that came.
  auto stored = [&](HeapTuple now, HeapTuple as_it_came) {
    if (now == as_it_came) return PointerGetDatum(tuple);
    return PointerGetDatum(now ? row_of_partition(fcinfo, {now, program.target_columns}) : nullptr);
  };
  move_work work(program);
  auto before = row_of_target(fcinfo, program, data->tg_trigtuple);
  auto key = values_of(before, program.target_key);
  if (!update && !remove) {
    if (has_null(key)) return PointerGetDatum(tuple);
    auto values = values_of(before, program.values);
    work.lock_source_for_insert(key, values);
    // Who inserts it may know nothing of these columns.
    return program.existing && is_all_null(values) ? stored(work.with_what_is_said(key, before), before.tuple) : PointerGetDatum(tuple);
  }
  auto after = update ? row_of_target(fcinfo, program, tuple) : before;
  announce_values(program, &data->tg_trigtuple->t_self, before, after);
  bool pending = !has_null(key) && work.lock_source(key);
  withdraw_values(program, &data->tg_trigtuple->t_self, before, after);
  if (remove) return PointerGetDatum(tuple);
  if (!same_values(before, after, program.target_key)) {
    if (auto new_key = values_of(after, program.target_key); !has_null(new_key)) work.lock_source(new_key);
    return PointerGetDatum(tuple);
  }
  return pending ? stored(work.take_over(key, before, after), after.tuple) : PointerGetDatum(tuple);
}

ACCORD_FUNCTION(accord_move_target) {
  auto* data = move_trigger_data(fcinfo, false);
  auto& program = move_of_trigger(data);
  if (is_own_write(program.target, program)) return PointerGetDatum(nullptr);
  move_work work(program);
  if (TRIGGER_FIRED_BY_TRUNCATE(data->tg_event)) {
    work.empty_source(RelationGetRelid(data->tg_relation) == program.target);
    return PointerGetDatum(nullptr);
  }
  auto before = row_of_target(fcinfo, program, data->tg_trigtuple);
  auto old_key = values_of(before, program.target_key);
  if (TRIGGER_FIRED_BY_DELETE(data->tg_event)) {
    if (!has_null(old_key)) work.pull(old_key, nullptr);
    return PointerGetDatum(nullptr);
  }
  auto after = row_of_target(fcinfo, program, new_tuple(data));
  auto key = values_of(after, program.target_key);
  auto values = values_of(after, program.values);
  bool pending = false;
  if (TRIGGER_FIRED_BY_UPDATE(data->tg_event)) {
    bool moved = !same_values(before, after, program.target_key);
    if (!moved && same_values(before, after, program.target_reads)) return PointerGetDatum(nullptr);
    if (moved && !has_null(old_key)) work.pull(old_key, nullptr);
  } else if (!has_null(key)) {
    pending = work.lock_source(key);
  }
  if (has_null(key)) return PointerGetDatum(nullptr);
  if (!program.existing || !work.is_said(key, after))
    work.pull(key, &values);
  else if (pending)
    work.unmark(key);
  return PointerGetDatum(nullptr);
}

}  // namespace accord::migration
