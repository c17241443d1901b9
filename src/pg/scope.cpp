// Scopes of backend state.  See scope.hpp.
#include "pg/scope.hpp"

#include <string>

#include "pg/pg.h"

namespace accord {

Oid extension_owner() {
  return pg([] {
    Oid schema = get_namespace_oid("accord_catalog", false);
    HeapTuple tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(schema));
    if (!HeapTupleIsValid(tuple)) elog(ERROR, "cache lookup failed for schema %u", schema);
    Oid owner = reinterpret_cast<Form_pg_namespace>(GETSTRUCT(tuple))->nspowner;
    ReleaseSysCache(tuple);
    return owner;
  });
}

local_settings::~local_settings() {
  if (std::uncaught_exceptions() == exceptions_) AtEOXact_GUC(true, level_);
}

local_settings& local_settings::set(const char* name, const char* value) {
  pg([&] { (void)set_config_option(name, value, PGC_SUSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false); });
  return *this;
}

pinned_search_path::pinned_search_path() {
  set("search_path", "pg_catalog, pg_temp");
  // As pg_dump does.  The order of day and month in what a user wrote stays the session's.
  if (DateStyle != USE_ISO_DATES) set("datestyle", "ISO");
  if (IntervalStyle != INTSTYLE_POSTGRES) set("intervalstyle", "postgres");
  if (extra_float_digits < 1) set("extra_float_digits", "1");
}

memory_scope::memory_scope(const char* name) {
  context_ = pg([&] { return AllocSetContextCreateInternal(CurrentMemoryContext, name, ALLOCSET_DEFAULT_SIZES); });
  outer_ = MemoryContextSwitchTo(context_);
}

memory_scope::~memory_scope() {
  MemoryContextSwitchTo(outer_);
  MemoryContextDelete(context_);
}

namespace scope_detail {

subtransaction_state begin_subtransaction() {
  subtransaction_state state{CurrentMemoryContext, CurrentResourceOwner};
  pg([&] {
    BeginInternalSubTransaction(nullptr);
    MemoryContextSwitchTo(state.context);
  });
  return state;
}

void commit_subtransaction(const subtransaction_state& state) {
  pg([&] { ReleaseCurrentSubTransaction(); });
  MemoryContextSwitchTo(state.context);
  CurrentResourceOwner = state.owner;
}

void abort_subtransaction(const subtransaction_state& state, bool pending, reported_error& error) {
  ErrorData* data = nullptr;
  MemoryContext scratch = nullptr;
  if (pending) {
    // A context of its own: FreeErrorData would leak the fields that it does not know.
    pg([&] {
      scratch = AllocSetContextCreateInternal(state.context, "accord error", ALLOCSET_SMALL_SIZES);
      MemoryContextSwitchTo(scratch);
      data = CopyErrorData();
      FlushErrorState();
    });
  }
  pg([&] {
    MemoryContextSwitchTo(state.context);
    RollbackAndReleaseCurrentSubTransaction();
    MemoryContextSwitchTo(state.context);
    CurrentResourceOwner = state.owner;
  });
  if (data) {
    auto text = [](const char* s) { return std::string(s ? s : ""); };
    error = {unpack_sql_state(data->sqlerrcode), text(data->message), text(data->detail), text(data->hint),
             data->cursorpos ? data->cursorpos : data->internalpos};
    MemoryContextDelete(scratch);
  }
}

}  // namespace scope_detail
}  // namespace accord
