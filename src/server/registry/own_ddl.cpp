// own_ddl.  See own_ddl.hpp.
#include "server/registry/own_ddl.hpp"

#include "pg/bridge.hpp"

#include "pg/pg.h"

namespace accord {

namespace {

constinit bool always = false;
constinit int depth = 0;
constinit int level = 0;  // transaction nest level at which the outermost scope was opened

void on_transaction_end(XactEvent event, void*) {
  if (event == XACT_EVENT_ABORT || event == XACT_EVENT_COMMIT || event == XACT_EVENT_PREPARE) depth = 0;
}

void on_subtransaction_end(SubXactEvent event, SubTransactionId, SubTransactionId, void*) {
  if (event == SUBXACT_EVENT_ABORT_SUB && depth > 0 && GetCurrentTransactionNestLevel() <= level) depth = 0;
}

}  // namespace

own_ddl::own_ddl() {
  if (depth++ == 0) level = GetCurrentTransactionNestLevel();
}

own_ddl::~own_ddl() {
  if (depth > 0) --depth;
}

bool own_ddl::active() {
  return always || depth > 0;
}

void own_ddl::for_this_process() {
  always = true;
}

void own_ddl_init() {
  RegisterXactCallback(on_transaction_end, nullptr);
  RegisterSubXactCallback(on_subtransaction_end, nullptr);
}

}  // namespace accord
