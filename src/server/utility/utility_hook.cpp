// The hook.  See utility_hook.hpp.
#include "server/utility/utility_hook.hpp"

#include <algorithm>

#include "pg/try.h"
#include "server/registry/catalog.hpp"
#include "server/registry/own_ddl.hpp"
#include "server/sync/inserted_columns.hpp"
#include "server/utility/contract_view.hpp"
#include "server/utility/copy_into_view.hpp"
#include "server/utility/handler.hpp"

#include "pg/pg.h"

namespace accord::utility {

namespace {

constinit ProcessUtility_hook_type previous = nullptr;

bool is_full(VacuumStmt* vacuum) {
  ListCell* cell;
  foreach (cell, vacuum->options) {
    auto* option = static_cast<DefElem*>(lfirst(cell));
    if (strcmp(option->defname, "full") == 0) return vacuum->is_vacuumcmd && defGetBoolean(option);
  }
  return false;
}

bool is_of_event_trigger(Node* tree) {
  switch (nodeTag(tree)) {
    case T_RenameStmt:
      return reinterpret_cast<RenameStmt*>(tree)->renameType == OBJECT_EVENT_TRIGGER;
    case T_AlterExtensionContentsStmt:
      return reinterpret_cast<AlterExtensionContentsStmt*>(tree)->objtype == OBJECT_EVENT_TRIGGER;
    default:
      return true;
  }
}

// Null for nearly every statement, and told without looking at anything but the parse tree.
handler handler_of(Node* tree) {
  switch (nodeTag(tree)) {
    case T_TruncateStmt:
      return on_truncate;
    case T_ClusterStmt:
      return on_heap_rewrite;
    case T_VacuumStmt:
      return is_full(reinterpret_cast<VacuumStmt*>(tree)) ? on_heap_rewrite : nullptr;
    case T_GrantRoleStmt:
    case T_AlterRoleStmt:
    case T_DropRoleStmt:
    case T_ReassignOwnedStmt:
      return on_role_change;
    case T_AlterRoleSetStmt:
    case T_AlterDatabaseSetStmt:
    case T_AlterSystemStmt:
      return on_stored_setting;
    case T_VariableSetStmt: {
      const char* name = reinterpret_cast<VariableSetStmt*>(tree)->name;
      bool matters = name && (pg_strcasecmp(name, "session_replication_role") == 0 || pg_strcasecmp(name, "event_triggers") == 0);
      return matters ? on_session_setting : nullptr;
    }
    case T_AlterEventTrigStmt:
    case T_RenameStmt:
    case T_AlterExtensionContentsStmt:
      return is_of_event_trigger(tree) ? on_guard_tampering : nullptr;
    default:
      return nullptr;
  }
}

bool is_judged_here() {
  return !own_ddl::active() && !IsBinaryUpgrade && !RecoveryInProgress() && entry([] { return catalog::is_installed(); });
}

// Plain data for the hook's frame; the caller deletes it.
judged* look_before(handler h, PlannedStmt* pstmt, const char* text) {
  return entry([=] {
    statement s;
    s.tree = pstmt->utilityStmt;
    s.tag = pg([&] { return GetCommandTagName(CreateCommandTag(pstmt->utilityStmt)); });
    std::string_view whole(text);
    if (pstmt->stmt_location > 0) whole.remove_prefix(std::min(whole.size(), static_cast<std::size_t>(pstmt->stmt_location)));
    if (pstmt->stmt_len > 0) whole = whole.substr(0, static_cast<std::size_t>(pstmt->stmt_len));
    while (!whole.empty() && isspace(static_cast<unsigned char>(whole.front())))
      whole.remove_prefix(1);
    s.text = whole;
    return h(s).release();
  });
}

void look_after(judged* j) {
  entry([=] {
    std::unique_ptr<judged> owner(j);
    pg([] { CommandCounterIncrement(); });
    owner->after();
  });
}

template <typename F>
void run_judged(handler h, PlannedStmt* pstmt, const char* text, F& body) {
  judged* j = look_before(h, pstmt, text);
  if (!j) {
    body();
    return;
  }
  bool ok = accord_pg_try([](void* f) { (*static_cast<F*>(f))(); }, &body);
  if (!ok) {
    delete j;
    PG_RE_THROW();
  }
  look_after(j);
}

void on_process_utility(PlannedStmt* pstmt, const char* text, bool read_only_tree, ProcessUtilityContext context, ParamListInfo params,
                        QueryEnvironment* environment, DestReceiver* destination, QueryCompletion* completion) {
  auto body = [&] {
    if (previous)
      previous(pstmt, text, read_only_tree, context, params, environment, destination, completion);
    else
      standard_ProcessUtility(pstmt, text, read_only_tree, context, params, environment, destination, completion);
  };
  pstmt = without_contract_views(pstmt);
  Node* tree = pstmt->utilityStmt;
  if (IsA(tree, CopyStmt)) {
    auto* copy = reinterpret_cast<CopyStmt*>(tree);
    List* columns = copy->is_from ? columns_of_contract_view(copy->relation) : NIL;
    if (columns != NIL)
      copy_into_view(copy, columns, text, completion);
    else
      migration::run_copy(
          copy, [](void* f) { (*static_cast<decltype(body)*>(f))(); }, &body);
    return;
  }
  handler h = handler_of(tree);
  if (h && is_judged_here())
    run_judged(h, pstmt, text, body);
  else
    body();
}

}  // namespace

void hook_init() {
  previous = ProcessUtility_hook;
  ProcessUtility_hook = on_process_utility;
}

}  // namespace accord::utility
