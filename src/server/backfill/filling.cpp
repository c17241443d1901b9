// filling.  See filling.hpp.
#include "server/backfill/filling.hpp"

namespace accord::migration {

namespace {

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

}  // namespace

void begin_filling(batch_work& w, const batch_request& request, batch_position& position) {
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

void end_filling(batch_work& w) {
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

bool fires_others(const batch_request& request) {
  Relation relation = table_open(request.relation, NoLock);
  Oid ours = get_namespace_oid("accord_catalog", false);
  bool found = false, after_row_of_ours = false, after_row_of_users = false;
  for (int i = 0; relation->trigdesc && i < relation->trigdesc->numtriggers && !found; i++) {
    const Trigger& trigger = relation->trigdesc->triggers[i];
    bool is_ours = get_func_namespace(trigger.tgfoid) == ours, after = is_row_update(trigger.tgtype, false);
    found = fires(trigger, request) && (is_row_update(trigger.tgtype, true) || after) && !is_ours;
    after_row_of_ours = after_row_of_ours || (is_ours && after);
    after_row_of_users = after_row_of_users || (!is_ours && after && !trigger.tgisinternal);
  }
  table_close(relation, NoLock);
  // Where one of ours is queued, all of them are asked.
  return found || (after_row_of_ours && after_row_of_users);
}

}  // namespace accord::migration
