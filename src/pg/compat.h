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
#define ACCORD_IS_VIRTUAL(constraint) ((constraint)->generated_kind == ATTRIBUTE_GENERATED_VIRTUAL)
#else
#define ACCORD_IS_ENFORCED(constraint) true
#define ACCORD_IS_VIRTUAL(constraint) ((void)(constraint), false)
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

#endif
