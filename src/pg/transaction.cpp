// Transactions of a background worker.  See transaction.hpp.
#include "pg/transaction.hpp"

#include "pg/pg.h"

namespace accord {

namespace transaction_detail {

void begin() {
  pg([] {
    if (ConfigReloadPending) {  // SIGHUP
      ConfigReloadPending = false;
      ProcessConfigFile(PGC_SIGHUP);
    }
    CHECK_FOR_INTERRUPTS();
    StartTransactionCommand();
  });
}

void commit(MemoryContext outer) {
  pg([] {
    CommitTransactionCommand();
    pgstat_report_stat(true);
  });
  MemoryContextSwitchTo(outer);
}

void abort(bool pending, MemoryContext outer, reported_error& error) {
  ErrorData* data = nullptr;
  MemoryContext scratch = nullptr;
  pg([&] {
    if (pending) {
      scratch = AllocSetContextCreateInternal(outer, "accord error", ALLOCSET_SMALL_SIZES);
      MemoryContextSwitchTo(scratch);
      data = CopyErrorData();
      FlushErrorState();
    }
    QueryCancelPending = false;
    debug_query_string = nullptr;
    AbortCurrentTransaction();
    pgstat_report_stat(true);
  });
  MemoryContextSwitchTo(outer);
  if (data) {
    auto text = [](const char* s) { return std::string(s ? s : ""); };
    error = {unpack_sql_state(data->sqlerrcode), text(data->message), text(data->detail), text(data->hint),
             data->cursorpos ? data->cursorpos : data->internalpos};
    MemoryContextDelete(scratch);
  }
}

}  // namespace transaction_detail

void run_at_top_level(const std::string& sql) {
  memory_scope memory("accord statement");
  const char* text = sql.c_str();
  transaction_detail::begin();
  pg([&] {
    debug_query_string = text;
    pgstat_report_activity(STATE_RUNNING, text);
    PushActiveSnapshot(GetTransactionSnapshot());
    MemoryContextSwitchTo(memory.context());
    auto* parsed = linitial_node(RawStmt, pg_parse_query(text));
    List* plans = pg_plan_queries(pg_analyze_and_rewrite_fixedparams(parsed, text, nullptr, 0, nullptr), text, 0, nullptr);
    PopActiveSnapshot();
    Portal portal = CreatePortal("", true, true);
    portal->visible = false;
    PortalDefineQuery(portal, nullptr, text, CreateCommandTag(parsed->stmt), plans, nullptr);
    PortalStart(portal, nullptr, 0, InvalidSnapshot);
    QueryCompletion completion;
    accord_run_portal(portal, None_Receiver, &completion);
    PortalDrop(portal, false);
  });
  transaction_detail::commit(memory.context());
  pg([] {
    debug_query_string = nullptr;
    pgstat_report_activity(STATE_IDLE, nullptr);
  });
}

}  // namespace accord
