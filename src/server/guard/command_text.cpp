// command_text.  See command_text.hpp.
#include "server/guard/command_text.hpp"

#include "pg/pg.h"

namespace accord::guard {

namespace {

// Of the innermost utility statement.  Plain data of the server's; forgotten when a (sub)transaction aborts, since nobody puts it back then.
struct running_utility {
  const PlannedStmt* statement;
  const char* source;
};
constinit running_utility current{nullptr, nullptr};
constinit ProcessUtility_hook_type previous_process_utility = nullptr;

void on_process_utility(PlannedStmt* statement, const char* source, bool read_only, ProcessUtilityContext context, ParamListInfo params,
                        QueryEnvironment* environment, DestReceiver* receiver, QueryCompletion* completion) {
  running_utility outer = current;
  current = {statement, source};
  if (previous_process_utility)
    previous_process_utility(statement, source, read_only, context, params, environment, receiver, completion);
  else
    standard_ProcessUtility(statement, source, read_only, context, params, environment, receiver, completion);
  current = outer;
}

void forget(XactEvent event, void*) {
  if (event == XACT_EVENT_ABORT) current = {nullptr, nullptr};
}

void forget_in_subtransaction(SubXactEvent event, SubTransactionId, SubTransactionId, void*) {
  if (event == SUBXACT_EVENT_ABORT_SUB) current = {nullptr, nullptr};
}

// A copy of the tree may have been made for a cached plan, so it is compared by value; locations do not count in that.
bool is_about(const PlannedStmt* statement, Node* tree) {
  return statement && statement->commandType == CMD_UTILITY && statement->utilityStmt &&
         (statement->utilityStmt == tree || pg([&] { return equal(statement->utilityStmt, tree); }));
}

command_text cut(const char* source, const PlannedStmt* statement) {
  command_text t;
  t.source = source;
  auto begin = statement->stmt_location > 0 ? static_cast<std::size_t>(statement->stmt_location) : 0;
  if (begin > t.source.size()) return {};
  t.command = t.source.substr(begin, statement->stmt_len > 0 ? static_cast<std::size_t>(statement->stmt_len) : std::string::npos);
  auto first = t.command.find_first_not_of(" \t\r\n\f\v"), last = t.command.find_last_not_of(" \t\r\n\f\v;");
  t.command = first == std::string::npos || last == std::string::npos ? std::string() : t.command.substr(first, last - first + 1);
  return t;
}

const PlannedStmt* in_portal(Node* tree) {
  if (!ActivePortal || !ActivePortal->sourceText || ActivePortal->stmts == NIL) return nullptr;
  for (int i = 0; i < list_length(ActivePortal->stmts); i++) {
    auto* statement = static_cast<PlannedStmt*>(list_nth(ActivePortal->stmts, i));
    if (IsA(statement, PlannedStmt) && is_about(statement, tree)) return statement;
  }
  return nullptr;
}

}  // namespace

command_text text_of(Node* tree) {
  if (current.source && is_about(current.statement, tree)) return cut(current.source, current.statement);
  const PlannedStmt* statement = in_portal(tree);
  return statement ? cut(ActivePortal->sourceText, statement) : command_text{};
}

bool is_transaction_by_itself(Node* tree) {
  return !IsTransactionBlock() && in_portal(tree);
}

void command_text_init() {
  previous_process_utility = ProcessUtility_hook;
  ProcessUtility_hook = on_process_utility;
  RegisterXactCallback(forget, nullptr);
  RegisterSubXactCallback(forget_in_subtransaction, nullptr);
}

}  // namespace accord::guard
