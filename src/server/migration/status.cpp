// status: for every live migration, how far it is, what to run next, and what is in the way.
#include <fmt/format.h>

#include "pg/arguments.hpp"
#include "server/migration/run_steps.hpp"
#include "server/migration/store.hpp"

#include "pg/pg.h"

using namespace accord;
using namespace accord::migration;

// next_step(migration bigint, contract bigint): behind the view accord.status, which shows the rows.
ACCORD_FUNCTION(accord_next_step) {
  auto r = find_migration(DatumGetInt64(fcinfo->args[0].value), DatumGetInt64(fcinfo->args[1].value));
  if (!r) return text_result("");
  return text_result(next_step(registry::get_contract_by_id(DatumGetInt64(fcinfo->args[1].value)), *r));
}
