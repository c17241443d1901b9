// Filling rows.  See batch.hpp.
//
// Optimism instead of row locks: a row is read, its triggers are run and it is updated without waiting; when somebody else has it, or
// has changed it meanwhile, the update says so and nothing has happened.  That saves one lock (and its WAL record) for each row.  It is only
// right while the triggers that fire are ours, which have no effect of their own; else the row is locked first.
//
// Invariants: what crosses pg() is plain data; on an error the subtransaction of the caller closes what is open here.
#include "server/backfill/batch.hpp"

#include <chrono>
#include <optional>

#include "pg/scope.hpp"
#include "pg/spi.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

using batch_clock = std::chrono::steady_clock;

double ms_since(batch_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(batch_clock::now() - start).count();
}

enum class fate { filled, locked, nothing_to_do };

// The executor state of a batch.  Plain data: lives and dies inside pg(), or with its memory context.
struct batch_work {
  Relation relation;
  AttrNumber marker;
  EState* estate;
  ResultRelInfo* result_relation;
  EPQState epq;
  TupleTableSlot *old_slot, *new_slot;
  Bitmapset* updated;
  LockTupleMode lock_mode;
  bool before_triggers, only_ours, after_triggers, generated;
  FmgrInfo* functions;  // of each trigger, when only_ours
  batch_position* position;
};

// Triggers of users are asked as on a replica, unless they shall fire.
bool fires(const Trigger& trigger, const batch_request& request) {
  bool replica = !request.fire_triggers || SessionReplicationRole == SESSION_REPLICATION_ROLE_REPLICA;
  switch (trigger.tgenabled) {
    case TRIGGER_FIRES_ALWAYS:
      return true;
    case TRIGGER_FIRES_ON_REPLICA:
      return replica;
    case TRIGGER_FIRES_ON_ORIGIN:
      return !replica;
    default:
      return false;
  }
}

bool is_row_update(int16 type, bool before) {
  return TRIGGER_FOR_ROW(type) && TRIGGER_FOR_UPDATE(type) && (before ? TRIGGER_FOR_BEFORE(type) : TRIGGER_FOR_AFTER(type));
}

// Which triggers will fire, and whether the lock-free way is right for them.
void look_at_triggers(batch_work& w, const batch_request& request) {
  TriggerDesc* triggers = w.result_relation->ri_TrigDesc;
  w.before_triggers = w.after_triggers = false;
  w.only_ours = true;
  if (!triggers) return;
  Oid ours = get_namespace_oid("accord_catalog", false);
  for (int i = 0; i < triggers->numtriggers; i++) {
    const Trigger& trigger = triggers->triggers[i];
    if (!fires(trigger, request)) continue;
    if (is_row_update(trigger.tgtype, false)) w.after_triggers = true;
    if (!is_row_update(trigger.tgtype, true)) continue;
    w.before_triggers = true;
    if (get_func_namespace(trigger.tgfoid) != ours || trigger.tgqual || trigger.tgnattr > 0) w.only_ours = false;
  }
  if (!w.only_ours) return;
  w.functions = static_cast<FmgrInfo*>(palloc0(sizeof(FmgrInfo) * static_cast<Size>(triggers->numtriggers)));
  for (int i = 0; i < triggers->numtriggers; i++)
    if (fires(triggers->triggers[i], request) && is_row_update(triggers->triggers[i].tgtype, true))
      fmgr_info(triggers->triggers[i].tgfoid, &w.functions[i]);
}

// A unique index over a column that is being filled makes the update one of a key, which conflicts with foreign key checks.
bool fills_a_key(const batch_work& w) {
  for (int i = 0; i < w.result_relation->ri_NumIndices; i++) {
    Form_pg_index index = w.result_relation->ri_IndexRelationDescs[i]->rd_index;
    if (!index->indisunique) continue;
    for (int k = 0; k < index->indnkeyatts; k++) {
      AttrNumber column = index->indkey.values[k];
      if (column > 0 && strncmp(NameStr(TupleDescAttr(RelationGetDescr(w.relation), column - 1)->attname), "_accord_", 8) == 0) return true;
    }
  }
  return false;
}

void open(batch_work& w, const batch_request& request, batch_position& position) {
  w.relation = table_open(request.relation, NoLock);
  w.marker = get_attnum(request.relation, request.marker);
  if (w.marker == InvalidAttrNumber)
    ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
                    errmsg("column \"%s\" of relation \"%s\" does not exist", request.marker, RelationGetRelationName(w.relation))));
  CheckCmdReplicaIdentity(w.relation, CMD_UPDATE);
  w.position = &position;
  w.estate = CreateExecutorState();
  MemoryContext outer = MemoryContextSwitchTo(w.estate->es_query_cxt);
  w.updated = bms_make_singleton(w.marker - FirstLowInvalidHeapAttributeNumber);
  auto* rte = makeNode(RangeTblEntry);
  rte->rtekind = RTE_RELATION;
  rte->relid = request.relation;
  rte->relkind = w.relation->rd_rel->relkind;
  rte->rellockmode = RowExclusiveLock;
  accord_init_range_table(w.estate, rte, w.updated);
  w.estate->es_snapshot = GetActiveSnapshot();
  w.estate->es_output_cid = GetCurrentCommandId(true);
  w.result_relation = makeNode(ResultRelInfo);
  InitResultRelInfo(w.result_relation, w.relation, 1, nullptr, 0);
  w.estate->es_opened_result_relations = lappend(w.estate->es_opened_result_relations, w.result_relation);
  ExecOpenIndices(w.result_relation, false);
  accord_eval_plan_qual_init(&w.epq, w.estate);
  w.old_slot = ExecAllocTableSlot(&w.estate->es_tupleTable, RelationGetDescr(w.relation), table_slot_callbacks(w.relation));
  w.new_slot = ExecAllocTableSlot(&w.estate->es_tupleTable, RelationGetDescr(w.relation), &TTSOpsHeapTuple);
  look_at_triggers(w, request);
  TupleConstr* constr = RelationGetDescr(w.relation)->constr;
  w.generated = constr && constr->has_generated_stored;
  w.lock_mode = fills_a_key(w) ? LockTupleExclusive : LockTupleNoKeyExclusive;
  MemoryContextSwitchTo(outer);
  AfterTriggerBeginQuery();
}

void close(batch_work& w) {
  AfterTriggerEndQuery(w.estate);
  EvalPlanQualEnd(&w.epq);
  ExecResetTupleTable(w.estate->es_tupleTable, false);
  ExecCloseResultRelations(w.estate);
  ExecCloseRangeTableRelations(w.estate);
  FreeExecutorState(w.estate);
  table_close(w.relation, NoLock);
}

bool is_pending(const batch_work& w, TupleTableSlot* slot) {
  bool null;
  if (TTS_IS_BUFFERTUPLE(slot)) {
    // Without deforming the row: a filled one has NULL there.
    HeapTuple tuple = ExecFetchSlotHeapTuple(slot, false, nullptr);
    if (heap_attisnull(tuple, w.marker, RelationGetDescr(w.relation))) return false;
  }
  Datum value = slot_getattr(slot, w.marker, &null);
  return !null && DatumGetBool(value);
}

// The row as UPDATE t SET marker = NULL would make it, before any trigger.  A heap tuple from here to the heap: it is formed once here and
// once by the trigger, and never taken apart in between.
void make_new_row(batch_work& w) {
  TupleDesc columns = RelationGetDescr(w.relation);
  slot_getallattrs(w.old_slot);
  MemoryContext outer = MemoryContextSwitchTo(GetPerTupleMemoryContext(w.estate));
  // The slot's own arrays, for the moment of forming.
  Datum value = w.old_slot->tts_values[w.marker - 1];
  bool null = w.old_slot->tts_isnull[w.marker - 1];
  w.old_slot->tts_isnull[w.marker - 1] = true;
  HeapTuple tuple = heap_form_tuple(columns, w.old_slot->tts_values, w.old_slot->tts_isnull);
  w.old_slot->tts_values[w.marker - 1] = value;
  w.old_slot->tts_isnull[w.marker - 1] = null;
  MemoryContextSwitchTo(outer);
  tuple->t_self = w.old_slot->tts_tid;
  tuple->t_tableOid = RelationGetRelid(w.relation);
  ExecStoreHeapTuple(tuple, w.new_slot, false);
  w.new_slot->tts_tableOid = RelationGetRelid(w.relation);
}

// Runs our own BEFORE UPDATE triggers, as trigger.c would, but without locking the row.
void run_our_triggers(batch_work& w) {
  TriggerDesc* triggers = w.result_relation->ri_TrigDesc;
  HeapTuple old_tuple = ExecFetchSlotHeapTuple(w.old_slot, false, nullptr);  // pinned as long as the slot holds it
  for (int i = 0; i < triggers->numtriggers; i++) {
    if (!w.functions[i].fn_oid) continue;
    MemoryContext outer = MemoryContextSwitchTo(GetPerTupleMemoryContext(w.estate));
    TriggerData data = {};
    data.type = T_TriggerData;
    data.tg_event = TRIGGER_EVENT_UPDATE | TRIGGER_EVENT_ROW | TRIGGER_EVENT_BEFORE;
    data.tg_relation = w.relation;
    data.tg_trigtuple = old_tuple;
    data.tg_trigslot = w.old_slot;
    data.tg_newtuple = ExecFetchSlotHeapTuple(w.new_slot, false, nullptr);
    data.tg_newslot = w.new_slot;
    data.tg_trigger = &triggers->triggers[i];
    data.tg_updatedcols = w.updated;
    LOCAL_FCINFO(call, 0);
    InitFunctionCallInfoData(*call, &w.functions[i], 0, InvalidOid, reinterpret_cast<fmNodePtr>(&data), nullptr);
    auto* returned = reinterpret_cast<HeapTuple>(DatumGetPointer(FunctionCallInvoke(call)));
    MemoryContextSwitchTo(outer);
    if (call->isnull || !returned)
      ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED), errmsg("sync trigger returned no row")));
    if (returned != data.tg_newtuple) ExecForceStoreHeapTuple(returned, w.new_slot, false);
  }
}

// old_slot holds a pending row.  Everything of one row that can take an effect.
fate fill(batch_work& w, bool locked) {
  ItemPointerData tid = w.old_slot->tts_tid;
  w.position->block = ItemPointerGetBlockNumber(&tid);
  w.position->offset = ItemPointerGetOffsetNumber(&tid);
  ExecClearTuple(w.new_slot);  // it points into what is reset next
  ResetPerTupleExprContext(w.estate);
  if (!w.only_ours && !locked) {
    TM_FailureData failure;
    TM_Result result = table_tuple_lock(w.relation, &tid, w.estate->es_snapshot, w.old_slot, w.estate->es_output_cid, w.lock_mode,
                                        LockWaitSkip, 0, &failure);
    if (result == TM_WouldBlock) return fate::locked;
    if (result != TM_Ok) return fate::nothing_to_do;
    locked = true;
  }
  make_new_row(w);
  if (w.before_triggers) {
    if (w.only_ours) {
      run_our_triggers(w);
    } else {
      TM_FailureData failure;
      if (!accord_before_row_update(w.estate, &w.epq, w.result_relation, &tid, w.new_slot, &failure)) return fate::nothing_to_do;
    }
  }
  w.new_slot->tts_tableOid = RelationGetRelid(w.relation);
  if (w.generated) ExecComputeStoredGenerated(w.result_relation, w.estate, w.new_slot, CMD_UPDATE);
  if (RelationGetDescr(w.relation)->constr) ExecConstraints(w.result_relation, w.new_slot, w.estate);
  if (w.relation->rd_rel->relispartition) ExecPartitionCheck(w.result_relation, w.new_slot, w.estate, true);
  List* recheck;
  TM_Result result = accord_update_tuple(w.relation, w.result_relation, w.estate, &tid, w.new_slot, locked, &recheck);
  // Changed or deleted by somebody since: then the sync trigger saw the row, or the row is gone.
  if (result == TM_Updated || result == TM_Deleted || result == TM_SelfModified) return fate::nothing_to_do;
  if (result != TM_Ok) return fate::locked;
  if (w.after_triggers)
    ExecARUpdateTriggers(w.estate, w.result_relation, nullptr, nullptr, &tid, nullptr, w.new_slot, recheck, nullptr, false);
  list_free(recheck);
  return fate::filled;
}

// Does anybody wait for a row that this batch has changed?
bool somebody_waits() {
  TransactionId xid = GetCurrentTransactionIdIfAny();
  if (!TransactionIdIsValid(xid)) return false;
  LOCKTAG tag;
  SET_LOCKTAG_TRANSACTION(tag, xid);
  return LockWaiterCount(&tag) > 1;  // we are one of those that it counts
}

// A growing array of places in the caller's memory context.
struct place_list {
  row_place* places = nullptr;
  std::size_t count = 0, room = 0;
};

void append(place_list& list, MemoryContext context, const batch_position& position) {
  if (list.count == list.room) {
    std::size_t room = list.room ? list.room * 2 : 64;
    Size bytes = room * sizeof(row_place);
    list.places = static_cast<row_place*>(list.places ? repalloc_huge(list.places, bytes) : MemoryContextAllocHuge(context, bytes));
    list.room = room;
  }
  list.places[list.count++] = {position.block, position.offset};
}

// A background worker could become any role: what users wrote runs where that is refused.
struct identity_of_batch {
  std::optional<as_user> bound;
  identity_of_batch() {
    if (MyBackendType == B_BG_WORKER) bound.emplace(GetUserId());
  }
};

// Whether any trigger but ours fires for the rows of a batch.
bool fires_others(const batch_request& request) {
  return pg([&] {
    Relation relation = table_open(request.relation, NoLock);
    Oid ours = get_namespace_oid("accord_catalog", false);
    bool found = false;
    for (int i = 0; relation->trigdesc && i < relation->trigdesc->numtriggers && !found; i++) {
      const Trigger& trigger = relation->trigdesc->triggers[i];
      found = fires(trigger, request) && (is_row_update(trigger.tgtype, true) || is_row_update(trigger.tgtype, false)) &&
              get_func_namespace(trigger.tgfoid) != ours;
    }
    table_close(relation, NoLock);
    return found;
  });
}

struct settings_of_batch : local_settings {
  explicit settings_of_batch(const batch_request& request) {
    set("search_path", "pg_catalog, pg_temp");
    // Each change of it throws all plans of the session away, ours too: only where somebody else's code may ask for it.
    if (!request.fire_triggers && fires_others(request)) set("session_replication_role", "replica");
  }
};

// Deferred triggers of a batch belong to it: to its identity and to the error that names its row.
void fire_deferred_triggers() {
  spi::execute("SET CONSTRAINTS ALL IMMEDIATE");
}

}  // namespace

batch_result fill_blocks(const batch_request& request, batch_position& position) {
  identity_of_batch identity;
  settings_of_batch settings(request);
  memory_scope memory("accord backfill batch");
  struct {
    std::uint32_t next;
    std::int64_t filled;
    bool yielded, fired;
    place_list skipped;
  } out{request.first_block, 0, false, false, {}};
  auto start = batch_clock::now();
  pg([&] {
    PushActiveSnapshot(GetTransactionSnapshot());
    batch_work w{};
    open(w, request, position);
    ItemPointerData from, to;
    ItemPointerSet(&from, request.first_block, FirstOffsetNumber);
    ItemPointerSet(&to, request.end_block - 1, MaxOffsetNumber);
    TableScanDesc scan = table_beginscan_tidrange(w.relation, w.estate->es_snapshot, &from, &to);
    BlockNumber block = request.first_block;
    out.next = request.end_block;
    while (table_scan_getnextslot_tidrange(scan, ForwardScanDirection, w.old_slot)) {
      BlockNumber here = ItemPointerGetBlockNumber(&w.old_slot->tts_tid);
      if (here != block) {
        CHECK_FOR_INTERRUPTS();
        block = here;
        out.yielded = somebody_waits();
        if (out.yielded || out.filled >= request.max_rows || ms_since(start) >= request.max_ms) {
          out.next = here;
          break;
        }
      }
      if (!is_pending(w, w.old_slot)) continue;
      switch (fill(w, false)) {
        case fate::filled:
          out.filled++;
          break;
        case fate::locked:
          append(out.skipped, memory.context(), position);
          break;
        case fate::nothing_to_do:
          break;
      }
    }
    table_endscan(scan);
    out.fired = w.after_triggers && out.filled > 0;
    close(w);
    PopActiveSnapshot();
  });
  if (out.fired) fire_deferred_triggers();
  batch_result result{out.next, out.filled, out.yielded, {}};
  result.skipped.assign(out.skipped.places, out.skipped.places + out.skipped.count);
  return result;
}

batch_result fill_places(const batch_request& request, const std::vector<row_place>& places, std::size_t first, batch_position& position) {
  identity_of_batch identity;
  settings_of_batch settings(request);
  memory_scope memory("accord backfill rows");
  struct {
    std::size_t next;
    std::int64_t filled;
    bool fired;
    place_list skipped;
  } out{first, 0, false, {}};
  auto start = batch_clock::now();
  pg([&] {
    PushActiveSnapshot(GetTransactionSnapshot());
    batch_work w{};
    open(w, request, position);
    BlockNumber blocks = RelationGetNumberOfBlocks(w.relation);
    for (; out.next < places.size() && out.filled < request.max_rows && ms_since(start) < request.max_ms; out.next++) {
      CHECK_FOR_INTERRUPTS();
      position = {places[out.next].block, places[out.next].offset};
      if (position.block >= blocks) continue;  // cut off by a vacuum since
      ItemPointerData tid;
      ItemPointerSet(&tid, position.block, position.offset);
      if (!table_tuple_fetch_row_version(w.relation, &tid, w.estate->es_snapshot, w.old_slot) || !is_pending(w, w.old_slot)) continue;
      fate end = fill(w, false);
      if (end == fate::filled) out.filled++;
      if (end == fate::locked) append(out.skipped, memory.context(), position);
    }
    out.fired = w.after_triggers && out.filled > 0;
    close(w);
    PopActiveSnapshot();
  });
  if (out.fired) fire_deferred_triggers();
  batch_result result{static_cast<std::uint32_t>(out.next), out.filled, false, {}};
  result.skipped.assign(out.skipped.places, out.skipped.places + out.skipped.count);
  return result;
}

bool fill_row(const batch_request& request, row_place place, bool wait, std::int64_t& filled, batch_position& position) {
  identity_of_batch identity;
  settings_of_batch settings(request);
  memory_scope memory("accord backfill row");
  position = {place.block, place.offset};
  const fate outcome = pg([&] {
    fate end = fate::nothing_to_do;
    PushActiveSnapshot(GetTransactionSnapshot());
    batch_work w{};
    open(w, request, position);
    ItemPointerData tid;
    ItemPointerSet(&tid, place.block, place.offset);
    // The heap may have been cut or rewritten since: only what is there is looked at.
    if (place.block < RelationGetNumberOfBlocks(w.relation) &&
        table_tuple_fetch_row_version(w.relation, &tid, w.estate->es_snapshot, w.old_slot) && is_pending(w, w.old_slot)) {
      TM_FailureData failure;
      TM_Result result = table_tuple_lock(w.relation, &tid, w.estate->es_snapshot, w.old_slot, w.estate->es_output_cid, w.lock_mode,
                                          wait ? LockWaitBlock : LockWaitSkip, 0, &failure);
      if (result == TM_WouldBlock)
        end = fate::locked;
      else if (result == TM_Ok)
        end = fill(w, true);
    }
    close(w);
    PopActiveSnapshot();
    return end;
  });
  if (outcome == fate::filled) {
    filled++;
    fire_deferred_triggers();
  }
  return outcome != fate::locked;
}

std::int64_t count_pending(Oid relation, const char* marker) {
  memory_scope memory("accord pending rows");
  return pg([&] {
    std::int64_t pending = 0;
    PushActiveSnapshot(GetTransactionSnapshot());
    Relation rel = table_open(relation, AccessShareLock);
    batch_work w{};
    w.relation = rel;
    w.marker = get_attnum(relation, marker);
    TupleTableSlot* slot = table_slot_create(rel, nullptr);
    TableScanDesc scan = table_beginscan(rel, GetActiveSnapshot(), 0, nullptr);
    while (w.marker != InvalidAttrNumber && table_scan_getnextslot(scan, ForwardScanDirection, slot))
      if (is_pending(w, slot)) pending++;
    table_endscan(scan);
    ExecDropSingleTupleTableSlot(slot);
    table_close(rel, NoLock);
    PopActiveSnapshot();
    return pending;
  });
}

}  // namespace accord::migration
