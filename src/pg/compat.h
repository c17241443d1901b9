/*
 * compat.h: what differs between PostgreSQL 15, 16, 17 and 18, each with the reason.
 *
 * Every #if PG_VERSION_NUM of the project is in this folder, so that a new major version is one file's work.
 */
#ifndef ACCORD_COMPAT_H
#define ACCORD_COMPAT_H

/* 16 moved the permission fields of a range table entry into RTEPermissionInfo. */
#if PG_VERSION_NUM >= 160000
#define ACCORD_HAS_PERMINFOS 1
#endif

/* 18 dropped ExecutorRun's execute_once. */
#if PG_VERSION_NUM >= 180000
#define ACCORD_EXECUTOR_RUN_ARGS QueryDesc *query, ScanDirection direction, uint64 count
#define ACCORD_EXECUTOR_RUN_PASS query, direction, count
#else
#define ACCORD_EXECUTOR_RUN_ARGS QueryDesc *query, ScanDirection direction, uint64 count, bool execute_once
#define ACCORD_EXECUTOR_RUN_PASS query, direction, count, execute_once
#endif

/* A query of our own to its end. */
static inline void
accord_executor_run(QueryDesc *query)
{
#if PG_VERSION_NUM >= 180000
	ExecutorRun(query, ForwardScanDirection, 0);
#else
	ExecutorRun(query, ForwardScanDirection, 0, true);
#endif
}

/* 18 lets a module tell its name and version; the designated initialisers need C++20. */
#ifdef PG_MODULE_MAGIC_EXT
#define ACCORD_MODULE_MAGIC PG_MODULE_MAGIC_EXT(.name = "pg_accord", .version = ACCORD_VERSION)
#else
#define ACCORD_MODULE_MAGIC PG_MODULE_MAGIC
#endif

/* Until 15 the tree walkers take functions without a prototype, which C++ reads as "without arguments"; 16 made them macros that cast. */
#ifdef __cplusplus
static inline bool
accord_expression_tree_walker(Node *node, bool (*walker) (Node *, void *), void *context)
{
#if PG_VERSION_NUM >= 160000
	return expression_tree_walker(node, walker, context);
#else
	return expression_tree_walker(node, reinterpret_cast<bool (*)()>(reinterpret_cast<void *>(walker)), context);
#endif
}

static inline Node *
accord_expression_tree_mutator(Node *node, Node *(*mutator) (Node *, void *), void *context)
{
#if PG_VERSION_NUM >= 160000
	return expression_tree_mutator(node, mutator, context);
#else
	return expression_tree_mutator(node, reinterpret_cast<Node *(*)()>(reinterpret_cast<void *>(mutator)), context);
#endif
}
#endif

/* The columns that a statement inserts into a relation of its range table, and what it requires there; 16 moved both (see above). */
static inline Bitmapset *
accord_inserted_columns(PlannedStmt *plan, RangeTblEntry *entry, AclMode *required)
{
#ifdef ACCORD_HAS_PERMINFOS
	RTEPermissionInfo *info = entry->perminfoindex ? getRTEPermissionInfo(plan->permInfos, entry) : NULL;

	*required = info ? info->requiredPerms : 0;
	return info ? info->insertedCols : NULL;
#else
	(void) plan;
	*required = entry->requiredPerms;
	return entry->insertedCols;
#endif
}

/* 18 knows constraints that are not enforced, and generated columns that are not stored. */
#if PG_VERSION_NUM >= 180000
#define ACCORD_IS_ENFORCED(constraint) ((constraint)->is_enforced)
/* Of a column, where the server has not merged the two yet: it says so of the constraint before it. */
#define ACCORD_IS_NOT_ENFORCED_CLAUSE(constraint) ((constraint)->contype == CONSTR_ATTR_NOT_ENFORCED)
#define ACCORD_IS_VIRTUAL(constraint) ((constraint)->generated_kind == ATTRIBUTE_GENERATED_VIRTUAL)
#else
#define ACCORD_IS_ENFORCED(constraint) true
#define ACCORD_IS_NOT_ENFORCED_CLAUSE(constraint) ((void)(constraint), false)
#define ACCORD_IS_VIRTUAL(constraint) ((void)(constraint), false)
#endif

/* 17 calls a backend by its place among all processes. */
#if PG_VERSION_NUM >= 170000
#define ACCORD_VXID_BACKEND(id) ((id).procNumber)
#else
#define ACCORD_VXID_BACKEND(id) ((id).backendId)
#endif

/* 17 asks whether a stronger lock will do. */
#if PG_VERSION_NUM >= 170000
#define ACCORD_LOCK_HELD(tag, mode) LockHeldByMe(tag, mode, false)
#else
#define ACCORD_LOCK_HELD(tag, mode) LockHeldByMe(tag, mode)
#endif

/* 16 made the tree walkers macros over functions with a checked callback type. */
#if PG_VERSION_NUM >= 160000
#define ACCORD_RAW_WALKER(node, walker, state) raw_expression_tree_walker_impl(node, walker, state)
#else
#define ACCORD_RAW_WALKER(node, walker, state) raw_expression_tree_walker(node, reinterpret_cast<bool (*)()>(reinterpret_cast<void (*)()>(walker)), state)
#endif

/* 16 replaced the ownership checks of each kind of object by one function. */
static inline bool
object_ownercheck_relation(Oid relation, Oid role)
{
#if PG_VERSION_NUM >= 160000
	return object_ownercheck(RelationRelationId, relation, role);
#else
	return pg_class_ownercheck(relation, role);
#endif
}

/* 18 has constraints that are recorded and not enforced. */
static inline bool
constraint_is_enforced(Form_pg_constraint constraint)
{
#if PG_VERSION_NUM >= 180000
	return constraint->conenforced;
#else
	(void) constraint;
	return true;
#endif
}

/* The constraint that an ALTER CONSTRAINT makes enforced, which 18 can do to a foreign key. */
static inline const char *
accord_constraint_made_enforced(const AlterTableCmd *command)
{
#if PG_VERSION_NUM >= 180000
	ATAlterConstraint *alter = command->subtype == AT_AlterConstraint ? castNode(ATAlterConstraint, command->def) : NULL;

	return alter && alter->alterEnforceability && alter->is_enforced ? alter->conname : NULL;
#else
	(void) command;
	return NULL;
#endif
}

/* 18 asks whether a deferrable primary key counts. */
static inline Oid
accord_primary_key_index(Relation relation)
{
#if PG_VERSION_NUM >= 180000
	return RelationGetPrimaryKeyIndex(relation, false);
#else
	return RelationGetPrimaryKeyIndex(relation);
#endif
}

/* 17 takes the relation, since partitions share the sequence of their table. */
static inline Oid
accord_identity_sequence(Oid table, AttrNumber column)
{
#if PG_VERSION_NUM >= 170000
	Relation relation = table_open(table, NoLock);
	Oid sequence = getIdentitySequence(relation, column, false);

	table_close(relation, NoLock);
	return sequence;
#else
	return getIdentitySequence(table, column, false);
#endif
}

/* Until 17 the function that stores a default can also store what rows have that are older than the column. */
static inline void
accord_store_generation(Relation relation, AttrNumber column, Node *expression)
{
#if PG_VERSION_NUM >= 180000
	(void) StoreAttrDefault(relation, column, expression, true);
#else
	(void) StoreAttrDefault(relation, column, expression, true, false);
#endif
}

/* 17 lets the expression of a generated column be changed. */
#if PG_VERSION_NUM >= 170000
#define ACCORD_IS_SET_EXPRESSION(command) ((command)->subtype == AT_SetExpression)
#else
#define ACCORD_IS_SET_EXPRESSION(command) ((void)(command), false)
#endif

/* 18 made RETURNING a clause with options. */
static inline bool
update_returns(const UpdateStmt *update)
{
#if PG_VERSION_NUM >= 180000
	return update->returningClause != NULL;
#else
	return update->returningList != NIL;
#endif
}

/* The file number of a heap: 16 renamed the fields. */
#if PG_VERSION_NUM >= 160000
#define accord_relation_file_number(rel) ((rel)->rd_locator.relNumber)
#else
#define accord_relation_file_number(rel) ((rel)->rd_node.relNode)
#endif

/* A range table of one relation with the columns that an UPDATE sets: 16 moved them, 18 wants the relations that survive pruning. */
static inline void
accord_init_range_table(EState *estate, RangeTblEntry *rte, Bitmapset *updated)
{
#if PG_VERSION_NUM >= 160000
	List	   *permissions = NIL;

	addRTEPermissionInfo(&permissions, rte)->updatedCols = updated;
#if PG_VERSION_NUM >= 180000
	ExecInitRangeTable(estate, list_make1(rte), permissions, bms_make_singleton(1));
#else
	ExecInitRangeTable(estate, list_make1(rte), permissions);
#endif
#else
	rte->updatedCols = updated;
	ExecInitRangeTable(estate, list_make1(rte));
#endif
}

/* 16 added the result relations. */
static inline void
accord_eval_plan_qual_init(EPQState *epq, EState *estate)
{
#if PG_VERSION_NUM >= 160000
	EvalPlanQualInit(epq, estate, NULL, NIL, -1, NIL);
#else
	EvalPlanQualInit(epq, estate, NULL, NIL, -1);
#endif
}

/* 16 added the result of the tuple lock, 18 the MERGE flag. */
static inline bool
accord_before_row_update(EState *estate, EPQState *epq, ResultRelInfo *rri, ItemPointer tid, TupleTableSlot *slot,
						 TM_FailureData *failure)
{
#if PG_VERSION_NUM >= 180000
	TM_Result	result;

	return ExecBRUpdateTriggers(estate, epq, rri, tid, NULL, slot, &result, failure, false);
#elif PG_VERSION_NUM >= 160000
	TM_Result	result;

	return ExecBRUpdateTriggers(estate, epq, rri, tid, NULL, slot, &result, failure);
#else
	return ExecBRUpdateTriggers(estate, epq, rri, tid, NULL, slot, failure);
#endif
}

/* Updates a tuple and its indexes; 16 tells apart the indexes that only summarize. */
static inline TM_Result
accord_update_tuple(Relation rel, ResultRelInfo *rri, EState *estate, ItemPointer tid, TupleTableSlot *slot, bool wait,
					List **recheck)
{
	TM_FailureData failure;
	LockTupleMode mode;
	TM_Result	result;
#if PG_VERSION_NUM >= 160000
	TU_UpdateIndexes indexes = TU_None;
#else
	bool		indexes = false;
#endif

	result = table_tuple_update(rel, tid, slot, estate->es_output_cid, estate->es_snapshot, InvalidSnapshot, wait,
								&failure, &mode, &indexes);
	*recheck = NIL;
	if (result == TM_Ok && rri->ri_NumIndices > 0)
	{
#if PG_VERSION_NUM >= 160000
		if (indexes != TU_None)
			*recheck = ExecInsertIndexTuples(rri, slot, estate, true, false, NULL, NIL, indexes == TU_Summarizing);
#else
		if (indexes)
			*recheck = ExecInsertIndexTuples(rri, slot, estate, true, false, NULL, NIL);
#endif
	}
	return result;
}

/* Runs a portal to its end, at top level; 18 dropped run_once. */
static inline void
accord_run_portal(Portal portal, DestReceiver *receiver, QueryCompletion *completion)
{
#if PG_VERSION_NUM >= 180000
	(void) PortalRun(portal, FETCH_ALL, true, receiver, receiver, completion);
#else
	(void) PortalRun(portal, FETCH_ALL, true, true, receiver, receiver, completion);
#endif
}

#endif
