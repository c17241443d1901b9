// statement_kind.  See statement_kind.hpp.
#include "server/guard/statement_kind.hpp"

#include <string>

#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::guard {

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

}  // namespace

kind_of_statement kind_of(Node* tree) {
  kind_of_statement k;
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

}  // namespace accord::guard
