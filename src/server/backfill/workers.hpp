// The backfill by background workers.
#pragma once

#include "server/worker/job.hpp"

namespace accord::migration {

// Runs a job of kind backfill, outside any transaction.
worker::outcome run_backfill_worker(const worker::job&, reported_error&);

}  // namespace accord::migration
