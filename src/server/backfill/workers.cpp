// start, pause, resume and cancel a backfill; and what a worker of one does.  See workers.hpp.
//
// Locking: who starts workers holds the row lock of accord_catalog.migration_relation until his transaction ends, so that of two who start at
// once the second finds the jobs of the first.
#include "server/backfill/workers.hpp"

#include <fmt/format.h>

#include "pg/arguments.hpp"
#include "pg/transaction.hpp"
#include "server/backfill/engine.hpp"
#include "server/backfill/lock.hpp"
#include "server/backfill/options.hpp"
#include "server/backfill/work.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/contract.hpp"
#include "server/registry/rights.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

constexpr int most_workers = 64;

std::string title(const backfill_job& job) {
  return fmt::format("pg_accord backfill {}", job.contract_name);
}

// The session's role for the rest of the process, as SET SESSION AUTHORIZATION does.
void become(const std::string& role) {
  const char* name = role.c_str();
  pg([&] {
    Oid oid = get_role_oid(name, false);
    SetSessionAuthorization(oid, superuser_arg(oid));
  });
}

int start(const backfill_job& job, const backfill_options& opts, int workers) {
  serialize(job);
  if (is_under_way(job)) refuse_second(job);
  require_not_paused(job);
  // What earlier workers have left is for the new ones.
  catalog::execute(
      "UPDATE accord_catalog.job SET state = 'cancelled', finished_at = clock_timestamp()"
      " WHERE migration_id = $1::bigint AND contract_id = $2::bigint AND kind = 'backfill' AND state NOT IN ('done', 'cancelled')",
      {job.migration, job.contract});
  auto argument = options_as_json(opts, workers);
  int started = 0;
  for (; started < workers; started++) {
    auto id = worker::create_job(job.migration, job.contract, "backfill", argument, rights::current_role());
    if (worker::launch_job(id, title(job))) continue;
    catalog::execute("DELETE FROM accord_catalog.job WHERE id = $1::bigint", {id});
    break;
  }
  if (started == 0)
    throw failure("53000", fmt::format("no background worker is free for the backfill of \"{}\"", job.contract_name), {},
                  "Nothing was changed.  Wait for other workers to end, increase max_worker_processes, or call accord.backfill.");
  if (started < workers)
    spi::warning(fmt::format("only {} of {} background workers could be started", started, workers), {},
                 "You can increase max_worker_processes.");
  catalog::audit({"start_backfill", job.contract, job.migration, fmt::format(R"({{"workers": {}}})", started)});
  return started;
}

void set_paused(const backfill_job& job, bool paused) {
  catalog::execute(
      "UPDATE accord_catalog.migration_relation SET paused = $3::boolean WHERE migration_id = $1::bigint AND contract_id = $2::bigint",
      {job.migration, job.contract, paused});
}

const char* text_of(backfill_end end) {
  return end == backfill_end::superseded ? "the migration went on meanwhile" : "";
}

}  // namespace

worker::outcome run_backfill_worker(const worker::job& j, reported_error& error) {
  std::optional<backfill_job> job;
  worker_options asked;
  bool ready = transaction(
      [&] {
        become(j.role);
        auto contract = registry::get_contract_by_id(j.contract);
        auto rows = catalog::query(
            "SELECT to_version FROM accord_catalog.migration_relation WHERE migration_id = $1::bigint AND contract_id = $2::bigint",
            {j.migration, j.contract});
        if (!OidIsValid(contract.relation) || rows.empty())
          throw failure(core::sqlstate::undefined_object, "the table or its migration is gone");
        job = find_backfill_job(contract.relation, rows.front().text(0), false);
        asked = options_of_job(j.id);
      },
      error);
  if (!ready) return worker::outcome::failed;
  if (job->state != "preparing") return worker::outcome::done;
  backfill_end end = backfill_end::complete;
  bool done = transaction(
      [&] {
        if (!try_lock_backfill(job->contract, true)) refuse_second(*job);
        backfill_engine engine(*job, asked.options, {j.id, asked.workers});
        end = engine.run();
      },
      error);
  if (!done) return worker::outcome::failed;
  unlock_backfill();
  error.message = text_of(end);
  return end == backfill_end::paused ? worker::outcome::paused : worker::outcome::done;
}

}  // namespace accord::migration

using namespace accord;
using namespace accord::migration;

ACCORD_FUNCTION(accord_start_backfill) {
  arguments args(fcinfo);
  Oid relation = args.oid(0, "contract");
  int workers = args.int4(2, "workers");
  if (workers < 1 || workers > most_workers)
    throw failure(core::sqlstate::invalid_parameter, fmt::format("workers must be between 1 and {}, not {}", most_workers, workers));
  auto opts = read_backfill_options(fcinfo, 3);
  auto job = find_backfill_job(relation, args.optional_text(1), true);
  if (job.state != "preparing") {
    spi::notice(fmt::format("nothing to backfill: the migration of \"{}\" to {} is {}", job.contract_name, job.to_version, job.state));
    return Int32GetDatum(0);
  }
  int started = 0;
  for (const auto& table : jobs_of_migration(job))
    if (!table.filled || table.contract == job.contract) started += start(table, opts, workers);
  return Int32GetDatum(started);
}

ACCORD_FUNCTION(accord_pause_backfill) {
  arguments args(fcinfo);
  auto job = find_backfill_job(args.oid(0, "contract"), args.optional_text(1), true);
  if (job.state != "preparing")
    throw failure(
        core::sqlstate::object_not_in_prerequisite_state,
        fmt::format("the migration of \"{}\" to {} is {}: there is no backfill to pause", job.contract_name, job.to_version, job.state));
  for (const auto& table : jobs_of_migration(job)) {
    set_paused(table, true);
    catalog::audit({"pause_backfill", table.contract, table.migration});
  }
  PG_RETURN_VOID();
}

ACCORD_FUNCTION(accord_resume_backfill) {
  arguments args(fcinfo);
  auto job = find_backfill_job(args.oid(0, "contract"), args.optional_text(1), true);
  if (job.state != "preparing") {
    spi::notice(fmt::format("nothing to backfill: the migration of \"{}\" to {} is {}", job.contract_name, job.to_version, job.state));
    return Int32GetDatum(0);
  }
  int started = 0;
  for (const auto& table : jobs_of_migration(job)) {
    set_paused(table, false);
    started += worker::restart_jobs(table.migration, table.contract, "backfill", worker::which::failed_too) +
               worker::restart_jobs(table.migration, table.contract, "index", worker::which::failed_too);
    catalog::audit({"resume_backfill", table.contract, table.migration});
  }
  return Int32GetDatum(started);
}

ACCORD_FUNCTION(accord_cancel_backfill) {
  arguments args(fcinfo);
  auto job = find_backfill_job(args.oid(0, "contract"), args.optional_text(1), true);
  int stopped = 0;
  for (const auto& table : jobs_of_migration(job)) {
    set_paused(table, false);
    stopped += worker::cancel_jobs(table.migration, table.contract, "backfill");
    auto sessions = catalog::query(
        "SELECT pg_cancel_backend(pid) FROM accord_catalog.live_backfill WHERE contract_id = $1::bigint AND foreground", {table.contract});
    stopped += static_cast<int>(sessions.size());
    catalog::audit({"cancel_backfill", table.contract, table.migration});
  }
  return Int32GetDatum(stopped);
}
