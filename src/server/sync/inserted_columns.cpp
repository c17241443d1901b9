// Hooks that know the columns of the running INSERT or COPY.  See inserted_columns.hpp.
#include "server/sync/inserted_columns.hpp"

#include "pg/try.h"

#include "pg/pg.h"

namespace accord::migration {

namespace {

// Lives on the C stack of the hook, which pops it also when the statement fails.
struct statement {
  statement* outer;
  PlannedStmt* plan;  // an executor statement
  CopyStmt* copy;     // or COPY FROM
};

constinit statement* running = nullptr;
constinit ExecutorRun_hook_type previous_executor_run = nullptr;

template <typename F>
void run_as(statement& entry, F& body) {
  running = &entry;
  bool ok = accord_pg_try([](void* f) { (*static_cast<F*>(f))(); }, &body);
  running = entry.outer;
  if (!ok) PG_RE_THROW();
}

void on_executor_run(ACCORD_EXECUTOR_RUN_ARGS) {
  auto body = [&] {
    if (previous_executor_run)
      previous_executor_run(ACCORD_EXECUTOR_RUN_PASS);
    else
      standard_ExecutorRun(ACCORD_EXECUTOR_RUN_PASS);
  };
  // Inside an INSERT any other statement that writes must hide it: an UPDATE inserts, too, when it
  // moves a row to another partition.
  bool inserts = query->operation == CMD_INSERT || query->operation == CMD_MERGE || query->plannedstmt->hasModifyingCTE;
  if (!inserts && (!running || query->operation == CMD_SELECT)) {
    body();
    return;
  }
  statement entry = {running, query->plannedstmt, nullptr};
  run_as(entry, body);
}

// The name that `relation` gives to a column of the statement's target, which may be a partitioned
// ancestor with other attribute numbers.
void name_column(Relation relation, Oid target, AttrNumber attnum, bool* named) {
  if (target != RelationGetRelid(relation)) {
    const char* name = get_attname(target, attnum, true);
    attnum = name ? get_attnum(RelationGetRelid(relation), name) : InvalidAttrNumber;
  }
  if (attnum > 0) named[attnum] = true;
}

bool is_target(Relation relation, List* ancestors, Oid candidate) {
  return candidate == RelationGetRelid(relation) || list_member_oid(ancestors, candidate);
}

bool columns_of_copy(Relation relation, List* ancestors, CopyStmt* copy, bool* named) {
  Oid target = RangeVarGetRelid(copy->relation, NoLock, true);
  if (!OidIsValid(target) || !is_target(relation, ancestors, target)) return false;
  if (!copy->attlist) {
    for (int i = 1; i <= RelationGetNumberOfAttributes(relation); i++)
      named[i] = true;
    return true;
  }
  ListCell* cell;
  foreach (cell, copy->attlist)
    name_column(relation, target, get_attnum(target, strVal(lfirst(cell))), named);
  return true;
}

// MERGE collects the columns of all its INSERT actions in one set: exact when there is one such
// action.
bool is_exact(PlannedStmt* plan) {
  if (plan->commandType != CMD_MERGE) return true;
  if (!IsA(plan->planTree, ModifyTable)) return false;
  int inserts = 0;
  ListCell *relation_cell, *action_cell;
  foreach (relation_cell, reinterpret_cast<ModifyTable*>(plan->planTree)->mergeActionLists) {
    inserts = 0;
    foreach (action_cell, static_cast<List*>(lfirst(relation_cell)))
      if (lfirst_node(MergeAction, action_cell)->commandType == CMD_INSERT) inserts++;
  }
  return inserts == 1;
}

bool columns_of_plan(Relation relation, List* ancestors, PlannedStmt* plan, bool* named) {
  if (!is_exact(plan)) return false;
  Oid target = InvalidOid;
  Bitmapset* columns = nullptr;
  bool found = false;
  ListCell* cell;
  foreach (cell, plan->resultRelations) {
    auto* entry = rt_fetch(static_cast<Index>(lfirst_int(cell)), plan->rtable);
    AclMode required = 0;
    Bitmapset* inserted = accord_inserted_columns(plan, entry, &required);
    if (!(required & ACL_INSERT) || !is_target(relation, ancestors, entry->relid)) continue;
    if (found && !bms_equal(columns, inserted)) return false;  // two INSERTs of one statement that differ
    found = true;
    target = entry->relid;
    columns = inserted;
  }
  if (!found) return false;
  for (int member = bms_next_member(columns, -1); member >= 0; member = bms_next_member(columns, member))
    name_column(relation, target, static_cast<AttrNumber>(member + FirstLowInvalidHeapAttributeNumber), named);
  return true;
}

}  // namespace

bool inserted_columns(Relation relation, bool* named) {
  if (!running) return false;
  List* ancestors = relation->rd_rel->relispartition ? get_partition_ancestors(RelationGetRelid(relation)) : NIL;
  return running->copy ? columns_of_copy(relation, ancestors, running->copy, named)
                       : columns_of_plan(relation, ancestors, running->plan, named);
}

void run_copy(CopyStmt* copy, void (*body)(void*), void* state) {
  auto call = [&] { body(state); };
  if (!copy->is_from) {
    call();
    return;
  }
  statement entry = {running, nullptr, copy};
  run_as(entry, call);
}

void inserted_columns_init() {
  previous_executor_run = ExecutorRun_hook;
  ExecutorRun_hook = on_executor_run;
}

}  // namespace accord::migration
