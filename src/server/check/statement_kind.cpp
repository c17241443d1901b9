// statement_kind.  See statement_kind.hpp.
#include "server/check/statement_kind.hpp"

#include <string>

#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::check {

namespace {

// Gathers the function calls below a node: plain data only, the walker is C.
bool collect_calls(Node* node, void* state) {
  if (!node) return false;
  if (IsA(node, FuncCall)) {
    auto* found = static_cast<List**>(state);
    *found = lappend(*found, node);
  }
  return ACCORD_RAW_WALKER(node, collect_calls, state);
}

// A function of PostgreSQL's own runs no DDL.
bool calls_only_builtins(Node* tree) {
  List* calls = NIL;
  pg([&] { (void)collect_calls(tree, &calls); });
  for (int i = 0; i < list_length(calls); i++) {
    List* name = static_cast<FuncCall*>(list_nth(calls, i))->funcname;
    if (list_length(name) > 1 && strcmp(strVal(linitial(name)), "pg_catalog") != 0) return false;
    const char* function = strVal(llast(name));
    static constinit spi::prepared statement{
        "SELECT FROM pg_proc WHERE proname = $1::name AND pronamespace = 'pg_catalog'::regnamespace LIMIT 1"};
    if (catalog::run(statement, {function}).empty()) return false;
  }
  return true;
}

bool is_temporary(const RangeVar* relation) {
  return relation && relation->relpersistence == RELPERSISTENCE_TEMP;
}

// Its relations are not cloned, and moving them locks them.
bool is_extension_with_relations(AlterObjectSchemaStmt* move) {
  if (move->objectType != OBJECT_EXTENSION) return false;
  static constinit spi::prepared statement{
      "SELECT FROM pg_extension e JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid"
      " WHERE e.extname = $1::name AND d.deptype = 'e' AND d.classid = 'pg_class'::regclass LIMIT 1"};
  return !catalog::run(statement, {static_cast<const char*>(strVal(move->object))}).empty();
}

// Only what is known to stay within the clones: kinds that act on relations and types of the user's, each named by the statement.
bool is_executed(Node* tree) {
  switch (nodeTag(tree)) {
    case T_AlterTableStmt:
    case T_IndexStmt:
    case T_CreatePolicyStmt:
    case T_AlterPolicyStmt:
    case T_CreateTrigStmt:
    case T_RuleStmt:
    case T_TruncateStmt:
    case T_LockStmt:
    case T_RefreshMatViewStmt:
    case T_CreateEnumStmt:
    case T_CreateDomainStmt:
    case T_CompositeTypeStmt:
    case T_AlterEnumStmt:
    case T_AlterDomainStmt:
    case T_CreateFunctionStmt:
    case T_CreateStatsStmt:
    case T_AlterStatsStmt:
    case T_CreateSchemaStmt:
    case T_AlterSeqStmt:
      return true;
    case T_AlterObjectSchemaStmt:
      return !is_extension_with_relations(reinterpret_cast<AlterObjectSchemaStmt*>(tree));
    case T_CreateStmt:
      return !is_temporary(reinterpret_cast<CreateStmt*>(tree)->relation);
    case T_CreateTableAsStmt:
      return !is_temporary(reinterpret_cast<CreateTableAsStmt*>(tree)->into->rel) &&
             !IsA(reinterpret_cast<CreateTableAsStmt*>(tree)->query, ExecuteStmt);
    case T_ViewStmt:
      return !is_temporary(reinterpret_cast<ViewStmt*>(tree)->view);
    case T_CreateSeqStmt:
      return !is_temporary(reinterpret_cast<CreateSeqStmt*>(tree)->sequence);
    case T_ClusterStmt:
      return reinterpret_cast<ClusterStmt*>(tree)->relation;
    case T_ReindexStmt:
      return reinterpret_cast<ReindexStmt*>(tree)->relation;
    case T_VacuumStmt:
      return reinterpret_cast<VacuumStmt*>(tree)->rels != NIL;
    case T_AlterPublicationStmt:
      return reinterpret_cast<AlterPublicationStmt*>(tree)->pubobjects != NIL;
    case T_CreatePublicationStmt:
      return reinterpret_cast<CreatePublicationStmt*>(tree)->pubobjects != NIL;
    case T_GrantStmt: {
      auto* grant = reinterpret_cast<GrantStmt*>(tree);
      return grant->targtype == ACL_TARGET_OBJECT && (grant->objtype == OBJECT_TABLE || grant->objtype == OBJECT_SEQUENCE);
    }
    case T_CommentStmt: {
      ObjectType kind = reinterpret_cast<CommentStmt*>(tree)->objtype;
      return kind == OBJECT_TABLE || kind == OBJECT_COLUMN || kind == OBJECT_VIEW || kind == OBJECT_MATVIEW || kind == OBJECT_INDEX ||
             kind == OBJECT_TABCONSTRAINT;
    }
    case T_RenameStmt:
      switch (reinterpret_cast<RenameStmt*>(tree)->renameType) {
        case OBJECT_TABLE:
        case OBJECT_COLUMN:
        case OBJECT_VIEW:
        case OBJECT_MATVIEW:
        case OBJECT_INDEX:
        case OBJECT_SEQUENCE:
        case OBJECT_FOREIGN_TABLE:
        case OBJECT_TABCONSTRAINT:
        case OBJECT_DOMCONSTRAINT:
        case OBJECT_TYPE:
        case OBJECT_DOMAIN:
        case OBJECT_ATTRIBUTE:
        case OBJECT_TRIGGER:
        case OBJECT_POLICY:
        case OBJECT_RULE:
        case OBJECT_SCHEMA:
        case OBJECT_COLLATION:
        case OBJECT_STATISTIC_EXT:
          return true;
        default:
          return false;
      }
    case T_DropStmt:
      switch (reinterpret_cast<DropStmt*>(tree)->removeType) {
        case OBJECT_TABLE:
        case OBJECT_VIEW:
        case OBJECT_MATVIEW:
        case OBJECT_INDEX:
        case OBJECT_SEQUENCE:
        case OBJECT_FOREIGN_TABLE:
        case OBJECT_TYPE:
        case OBJECT_DOMAIN:
        case OBJECT_SCHEMA:
        case OBJECT_FUNCTION:
        case OBJECT_PROCEDURE:
        case OBJECT_ROUTINE:
        case OBJECT_TRIGGER:
        case OBJECT_POLICY:
        case OBJECT_RULE:
        case OBJECT_STATISTIC_EXT:
          return true;
        default:
          return false;
      }
    default:
      return false;
  }
}

}  // namespace

kind_of_statement kind_of(Node* tree) {
  kind_of_statement k;
  k.executed = is_executed(tree);
  if (IsA(tree, CreateFunctionStmt)) k.defines_qualified = list_length(reinterpret_cast<CreateFunctionStmt*>(tree)->funcname) > 1;
  switch (nodeTag(tree)) {
    case T_CreateStmt:
      k.creates = reinterpret_cast<CreateStmt*>(tree)->relation;
      break;
    case T_CreateForeignTableStmt:
      k.creates = reinterpret_cast<CreateForeignTableStmt*>(tree)->base.relation;
      break;
    case T_CreateTableAsStmt:
      k.creates = reinterpret_cast<CreateTableAsStmt*>(tree)->into->rel;
      break;
    case T_ViewStmt:
      k.creates = reinterpret_cast<ViewStmt*>(tree)->view;
      break;
    case T_CreateSeqStmt:
      k.creates = reinterpret_cast<CreateSeqStmt*>(tree)->sequence;
      break;
    case T_VariableSetStmt: {
      auto* set = reinterpret_cast<VariableSetStmt*>(tree);
      k.sets_search_path = set->kind == VAR_SET_VALUE && pg_strcasecmp(set->name, "search_path") == 0;
      break;
    }
    case T_SelectStmt:
    case T_InsertStmt:
    case T_UpdateStmt:
    case T_DeleteStmt:
    case T_MergeStmt:
      k.verdict = calls_only_builtins(tree) ? tellable::yes : tellable::no;
      k.executed = k.verdict == tellable::yes;  // planned, and not run
      break;
    // Nothing that the shape of an existing table could change by.
    case T_TransactionStmt:
    case T_VariableShowStmt:
    case T_ExplainStmt:
    case T_CopyStmt:
    case T_LockStmt:
    case T_NotifyStmt:
    case T_ListenStmt:
    case T_UnlistenStmt:
    case T_CommentStmt:
    case T_IndexStmt:
    case T_CreateSchemaStmt:
    case T_CreateEnumStmt:
    case T_CreateDomainStmt:
    case T_CompositeTypeStmt:
    case T_CreateRangeStmt:
    case T_DefineStmt:
    case T_CreateFunctionStmt:
    case T_CreateStatsStmt:
    case T_CreateRoleStmt:
    case T_GrantStmt:
    case T_VacuumStmt:
    case T_AlterSeqStmt:
    case T_CreateTrigStmt:
      break;
    // These name a relation, and say for themselves what is understood.
    case T_AlterTableStmt:
    case T_RenameStmt:
    case T_AlterObjectSchemaStmt:
    case T_DropStmt:
    case T_CreatePolicyStmt:
    case T_AlterPolicyStmt:
    case T_RuleStmt:
      k.verdict = tellable::no;
      break;
    default:
      k.verdict = tellable::no;
  }
  return k;
}

}  // namespace accord::check
