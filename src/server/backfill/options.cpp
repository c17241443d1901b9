// See options.hpp.
#include "server/backfill/options.hpp"

#include <fmt/format.h>

#include "core/name.hpp"
#include "pg/arguments.hpp"
#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::migration {

backfill_options read_backfill_options(FunctionCallInfo fcinfo, int first) {
  arguments args(fcinfo);
  backfill_options opts;
  opts.batch_ms = args.int4(first, "batch_ms");
  if (opts.batch_ms < 1 || opts.batch_ms > 60'000)
    throw failure(core::sqlstate::invalid_parameter, fmt::format("batch_ms must be between 1 and 60000, not {}", opts.batch_ms));
  if (args.is_null(first + 1)) throw failure(core::sqlstate::null_not_allowed, "argument \"nice\" must not be null");
  opts.nice = DatumGetFloat8(fcinfo->args[first + 1].value);
  if (!(opts.nice >= 0 && opts.nice <= 100)) throw failure(core::sqlstate::invalid_parameter, "nice must be between 0 and 100");
  if (!args.is_null(first + 2))
    opts.max_lag = pg([&] { return DatumGetCString(DirectFunctionCall1(interval_out, fcinfo->args[first + 2].value)); });
  opts.fire_triggers = args.boolean(first + 3, "fire_triggers");
  return opts;
}

std::string options_as_json(const backfill_options& opts, int workers) {
  return catalog::query(
             "SELECT jsonb_build_object('batch_ms', $1::integer, 'nice', $2::float8, 'max_lag', $3::interval, 'fire_triggers', $4::boolean,"
             "                          'workers', $5::integer)",
             {opts.batch_ms, fmt::format("{}", opts.nice), opts.max_lag, opts.fire_triggers, workers})
      .front()
      .text(0);
}

worker_options options_of_job(std::int64_t job) {
  const auto row = catalog::query(
                       "SELECT argument ->> 'batch_ms', argument ->> 'nice', argument ->> 'max_lag', argument ->> 'fire_triggers',"
                       "       argument ->> 'workers' FROM accord_catalog.job WHERE id = $1::bigint",
                       {job})
                       .at(0);
  worker_options read;
  read.options.batch_ms = static_cast<int>(row.integer(0));
  read.options.nice = std::stod(row.text(1));
  read.options.max_lag = row.optional(2);
  read.options.fire_triggers = row.boolean(3);
  read.workers = static_cast<int>(row.integer(4));
  return read;
}

void require_not_paused(const backfill_job& job) {
  if (!read_orders(job, 0).pause) return;
  auto rows = catalog::query("SELECT format('%L::regclass', $1::oid::regclass::text)", {job.relation});
  throw failure(core::sqlstate::object_not_in_prerequisite_state, fmt::format("the backfill of \"{}\" is paused", job.contract_name), {},
                fmt::format("SELECT accord.resume_backfill({}, {});", rows.front().text(0), core::quote_literal(job.to_version)));
}

}  // namespace accord::migration
