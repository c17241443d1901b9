// See partitions.hpp.
#include "server/moves/partitions.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

// Of one statement: a program can be made anew in the middle of it.  Null: the rows of one are rows of the other, which can
// be so in one direction only.
struct layout_maps {
  TupleDesc columns;  // of the table
  TupleConversionMap *to_table, *to_partition;
};

HeapTuple in_layout(HeapTuple tuple, TupleConversionMap* map) {
  HeapTuple made = execute_attr_map_tuple(tuple, map);
  made->t_self = tuple->t_self;
  made->t_tableOid = tuple->t_tableOid;
  return made;
}

layout_maps* maps_of(FunctionCallInfo call, TupleDesc columns) {
  auto* maps = static_cast<layout_maps*>(call->flinfo->fn_extra);
  if (maps) return maps;
  return pg([&] {
    TupleDesc partition = RelationGetDescr(reinterpret_cast<TriggerData*>(call->context)->tg_relation);
    MemoryContext outer = MemoryContextSwitchTo(call->flinfo->fn_mcxt);
    auto* made = static_cast<layout_maps*>(palloc0(sizeof(layout_maps)));
    made->columns = CreateTupleDescCopy(columns);
    made->to_table = convert_tuples_by_name(partition, made->columns);
    made->to_partition = convert_tuples_by_name(made->columns, partition);
    MemoryContextSwitchTo(outer);
    call->flinfo->fn_extra = made;
    return made;
  });
}

row_image row_of_table(FunctionCallInfo call, Oid table, TupleDesc columns, HeapTuple tuple) {
  Relation relation = reinterpret_cast<TriggerData*>(call->context)->tg_relation;
  if (RelationGetRelid(relation) == table) return {tuple, RelationGetDescr(relation)};
  auto* maps = maps_of(call, columns);
  if (!maps->to_table) return {tuple, RelationGetDescr(relation)};
  return {pg([&] { return in_layout(tuple, maps->to_table); }), maps->columns};
}

// The row that a command has deleted from a partition last.  Only the same command looks for it: numbers of commands do not come twice in a
// transaction, also not after one that failed.
struct departure {
  departure* next;
  std::int64_t migration, n;
  int depth;
  TransactionId transaction;
  CommandId command;
  Oid partition;
  ItemPointerData row;
};
constinit departure* departures = nullptr;

departure* departure_at(const move_program& program, int depth) {
  for (departure* d = departures; d; d = d->next)
    if (d->migration == program.migration && d->n == program.n && d->depth == depth) return d;
  return nullptr;
}

}  // namespace

row_image row_of_source(FunctionCallInfo call, const move_program& program, HeapTuple tuple) {
  return row_of_table(call, program.source, program.columns, tuple);
}

row_image row_of_target(FunctionCallInfo call, const move_program& program, HeapTuple tuple) {
  return row_of_table(call, program.target, program.target_columns, tuple);
}

HeapTuple row_of_partition(FunctionCallInfo call, const row_image& of_table) {
  auto* maps = static_cast<layout_maps*>(call->flinfo->fn_extra);
  if (!maps || !maps->to_partition) return of_table.tuple;  // its table stores it, or a partition that is like it
  return pg([&] { return in_layout(of_table.tuple, maps->to_partition); });
}

bool leaves_for_partition(HeapTuple deleted) {
  return HeapTupleHeaderIndicatesMovedPartitions(deleted->t_data);
}

void note_departure(const TriggerData* data, const move_program& program) {
  int depth = trigger_depth();
  pg([&] {
    departure* d = departure_at(program, depth);
    if (!d) {
      d = static_cast<departure*>(MemoryContextAllocZero(TopMemoryContext, sizeof(departure)));
      d->migration = program.migration;
      d->n = program.n;
      d->depth = depth;
      d->next = departures;
      departures = d;
    }
    d->transaction = GetTopTransactionId();
    d->command = HeapTupleHeaderGetCmax(data->tg_trigtuple->t_data);
    d->partition = RelationGetRelid(data->tg_relation);
    d->row = data->tg_trigtuple->t_self;
  });
}

row_image before_arrival(const TriggerData* data, move_program& program) {
  if (!departures) return {nullptr, nullptr};
  int depth = trigger_depth();
  return pg([&]() -> row_image {
    departure* d = departure_at(program, depth);
    if (!d || !OidIsValid(d->partition) || d->transaction != GetTopTransactionIdIfAny()) return {nullptr, nullptr};
    Oid partition = d->partition;
    d->partition = InvalidOid;
    if (d->command != HeapTupleHeaderGetCmin(data->tg_trigtuple->t_data)) return {nullptr, nullptr};
    Relation relation = table_open(partition, NoLock);
    TupleTableSlot* slot = table_slot_create(relation, nullptr);
    if (!table_tuple_fetch_row_version(relation, &d->row, SnapshotAny, slot))
      elog(ERROR, "failed to fetch a row that has left its partition");
    HeapTuple tuple = ExecCopySlotHeapTuple(slot);
    if (TupleConversionMap* map = convert_tuples_by_name(RelationGetDescr(relation), program.columns)) tuple = in_layout(tuple, map);
    ExecDropSingleTupleTableSlot(slot);
    table_close(relation, NoLock);
    return {tuple, program.columns};
  });
}

}  // namespace accord::migration
