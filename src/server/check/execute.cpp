// execute.  See execute.hpp.
#include "server/check/execute.hpp"

#include <string>

#include "pg/scope.hpp"

#include "pg/pg.h"

namespace accord::check {

namespace {

// While it lives, ProcessUtility is PostgreSQL's own.
class without_hooks {
 public:
  without_hooks() : hook_(ProcessUtility_hook) { ProcessUtility_hook = nullptr; }
  ~without_hooks() { ProcessUtility_hook = hook_; }
  without_hooks(const without_hooks&) = delete;
  without_hooks& operator=(const without_hooks&) = delete;

 private:
  ProcessUtility_hook_type hook_;
};

// What a statement would do with rows is left out: only its definition is of interest, and its query must not run.
void leave_out_rows(Node* statement) {
  if (IsA(statement, CreateTableAsStmt)) {
    auto* create = reinterpret_cast<CreateTableAsStmt*>(statement);
    create->into->skipData = true;
  } else if (IsA(statement, RefreshMatViewStmt)) {
    auto* refresh = reinterpret_cast<RefreshMatViewStmt*>(statement);
    refresh->skipData = true;
    refresh->concurrent = false;
  }
}

}  // namespace

void run_tree(RawStmt* tree, const char* text) {
  without_hooks none;
  pg([&] {
    PushActiveSnapshot(GetTransactionSnapshot());
    List* queries = pg_analyze_and_rewrite_fixedparams(tree, text, nullptr, 0, nullptr);
    List* plans = pg_plan_queries(queries, text, CURSOR_OPT_PARALLEL_OK, nullptr);
    PopActiveSnapshot();
    for (int i = 0; i < list_length(plans); i++) {
      auto* plan = static_cast<PlannedStmt*>(list_nth(plans, i));
      if (plan->commandType != CMD_UTILITY) continue;
      leave_out_rows(plan->utilityStmt);
      PushActiveSnapshot(GetTransactionSnapshot());
      standard_ProcessUtility(plan, text, false, PROCESS_UTILITY_SUBCOMMAND, nullptr, nullptr, None_Receiver, nullptr);
      PopActiveSnapshot();
      CommandCounterIncrement();
    }
  });
}

void run_utility(std::string_view sql) {
  memory_scope scope("accord utility");
  std::string text(sql);
  const char* script = text.c_str();
  List* trees = pg([&] { return raw_parser(script, RAW_PARSE_DEFAULT); });
  for (int i = 0; i < list_length(trees); i++)
    run_tree(static_cast<RawStmt*>(list_nth(trees, i)), script);
}

}  // namespace accord::check
