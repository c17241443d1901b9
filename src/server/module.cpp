// module: what happens when the library is loaded, and nothing else.
//
// Each subject registers its own settings and hooks; the order below is the order in which hooks
// chain.
#include "pg/bridge.hpp"
#include "server/backfill/lock.hpp"
#include "server/backfill/workers.hpp"
#include "server/guard/guard.hpp"
#include "server/registry/own_ddl.hpp"
#include "server/sync/error_names.hpp"
#include "server/sync/triggers.hpp"
#include "server/utility/utility_hook.hpp"
#include "server/worker/index_job.hpp"
#include "server/worker/job.hpp"

#include "pg/pg.h"

namespace {

constexpr accord::worker::kind jobs[] = {
    {"backfill", accord::migration::run_backfill_worker},
    {"index", accord::worker::run_index_job},
};

}  // namespace

extern "C" {
ACCORD_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

void _PG_init(void) {
  accord::own_ddl_init();
  accord::guard_init();
  accord::migration::sync_init();
  accord::migration::error_names_init();
  accord::migration::backfill_init();
  accord::utility::hook_init();
  accord::worker::kinds_init(jobs);
  MarkGUCPrefixReserved("accord");
}
}
