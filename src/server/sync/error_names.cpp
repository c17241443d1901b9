// See error_names.hpp.
#include "server/sync/error_names.hpp"

#include "core/own_names.hpp"
#include "pg/bridge.hpp"
#include "pg/features.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

constinit emit_log_hook_type previous_emit_log = nullptr;

// PostgreSQL refuses it before anybody is asked.  By the text as it is in the source: that of the message is translated.
bool is_merge_into_view(const ErrorData* error) {
  return !merge_takes_views && error->message_id && strcmp(error->message_id, "cannot execute MERGE on relation \"%s\"") == 0;
}
constinit char merge_hint[] = "Before PostgreSQL 17 MERGE takes tables only: merge into the table, or write INSERT with ON CONFLICT.";

// Called anywhere, also in a critical section and outside a transaction: nothing is allocated, looked up or raised.
void name_as_clients_do(ErrorData* error) {
  if (error->elevel == ERROR && ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION &&
      (error->constraint_name || error->column_name))
    for (char* text : {error->message, error->detail, error->constraint_name, error->column_name})
      if (text) core::strip_own_prefixes(text);
  if (error->elevel == ERROR && !error->hint && is_merge_into_view(error)) error->hint = merge_hint;
  if (previous_emit_log) previous_emit_log(error);
}

}  // namespace

void error_names_init() {
  previous_emit_log = emit_log_hook;
  emit_log_hook = name_as_clients_do;
}

}  // namespace accord::migration
