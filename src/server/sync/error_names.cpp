// See error_names.hpp.
#include "server/sync/error_names.hpp"

#include "core/own_names.hpp"
#include "pg/bridge.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

constinit emit_log_hook_type previous_emit_log = nullptr;

// Called anywhere, also in a critical section and outside a transaction: nothing is allocated, looked up or raised.
void name_as_clients_do(ErrorData* error) {
  if (error->elevel == ERROR && ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION &&
      (error->constraint_name || error->column_name))
    for (char* text : {error->message, error->detail, error->constraint_name, error->column_name})
      if (text) core::strip_own_prefixes(text);
  if (previous_emit_log) previous_emit_log(error);
}

}  // namespace

void error_names_init() {
  previous_emit_log = emit_log_hook;
  emit_log_hook = name_as_clients_do;
}

}  // namespace accord::migration
