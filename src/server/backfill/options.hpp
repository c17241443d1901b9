// The pace that a user asks of a backfill: arguments of the SQL functions, and what a background worker is told.
#pragma once

#include <string>

#include "server/backfill/engine.hpp"

namespace accord::migration {

// batch_ms, nice, max_lag and fire_triggers, from the argument `first` on.
backfill_options read_backfill_options(FunctionCallInfo, int first);

std::string options_as_json(const backfill_options&, int workers);
struct worker_options {
  backfill_options options;
  int workers = 1;
};
worker_options options_of_job(std::int64_t job);

// 55000 with what to do.
void require_not_paused(const backfill_job&);

}  // namespace accord::migration
