// CALL accord.backfill: the engine in the foreground, for one session alone.
//
// A procedure that commits can have neither SET nor SECURITY DEFINER, so path and identity are set for each batch.
#include <chrono>
#include <fmt/format.h>

#include "pg/arguments.hpp"
#include "pg/spi.hpp"
#include "server/backfill/engine.hpp"
#include "server/backfill/lock.hpp"
#include "server/backfill/options.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/rights.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

using backfill_clock = std::chrono::steady_clock;

struct subset {
  std::optional<Oid> partition;
  std::optional<std::string> condition;
};

subset read_subset(const arguments& args, const backfill_job& job) {
  subset part{args.optional_oid(6), args.optional_text(7)};
  if (part.condition && !rights::owns_relation(job.relation))  // it runs as the table's owner
    throw failure(core::sqlstate::insufficient_privilege, fmt::format("must be owner of table \"{}\"", job.contract_name));
  if (!part.partition) return part;
  auto below = catalog::query(
      "WITH RECURSIVE tree(relid) AS (SELECT $1::oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN tree ON i.inhparent = "
      "tree.relid)"
      " SELECT FROM tree WHERE relid = $2::oid",
      {job.relation, *part.partition});
  if (below.empty())
    throw failure(core::sqlstate::invalid_parameter,
                  fmt::format("\"{}\" is no partition of \"{}\"", relation_display(*part.partition), job.contract_name));
  return part;
}

backfill_end fill(backfill_engine& engine, const backfill_job& job, const subset& part) {
  if (!job.marker) return engine.run();
  if (part.condition) return engine.run_rows(part.partition.value_or(job.relation), *part.condition);
  return part.partition ? engine.run_partition(*part.partition) : engine.run();
}

void require_own_transactions(FunctionCallInfo fcinfo) {
  auto* context = reinterpret_cast<CallContext*>(fcinfo->context);
  if (context && IsA(context, CallContext) && !context->atomic) return;
  throw failure(core::sqlstate::active_transaction, "accord.backfill cannot run inside a transaction block",
                "It commits each batch, so that no row stays locked for long.", "Call it by itself, without BEGIN.");
}

std::string described(const backfill_job& job) {
  return fmt::format("\"{}\" to {}", job.contract_name, job.to_version);
}

// False: the migration went on without us.
bool fill_table(const backfill_job& job, const backfill_options& opts, const subset& part) {
  if (is_under_way(job) || !try_lock_backfill(job.contract, false)) refuse_second(job);
  require_not_paused(job);
  pg([] { SPI_connect_ext(SPI_OPT_NONATOMIC); });
  auto start = backfill_clock::now();
  backfill_engine engine(job, opts, {});
  auto end = fill(engine, job, part);
  pg([] { SPI_finish(); });
  unlock_backfill();
  if (end == backfill_end::superseded) {
    spi::notice(fmt::format("the migration of {} went on meanwhile", described(job)));
    return false;
  }
  spi::notice(fmt::format("backfill of {}{} is complete: {} {}", end == backfill_end::subset ? "a part of " : "", described(job),
                          engine.rows(), engine.rows() == 1 ? "row" : "rows"),
              fmt::format("It took {:.1f} seconds.", std::chrono::duration<double>(backfill_clock::now() - start).count()));
  return true;
}

}  // namespace
}  // namespace accord::migration

ACCORD_FUNCTION(accord_backfill) {
  using namespace accord;
  using namespace accord::migration;
  arguments args(fcinfo);
  Oid relation = args.oid(0, "contract");
  auto opts = read_backfill_options(fcinfo, 2);
  auto job = find_backfill_job(relation, args.optional_text(1), true);
  auto part = read_subset(args, job);
  if (job.state != "preparing") {
    spi::notice(fmt::format("nothing to backfill: the migration of {} is {}", described(job), job.state));
    return Datum(0);
  }
  require_own_transactions(fcinfo);
  auto jobs = part.partition || part.condition ? std::vector{job} : jobs_of_migration(job);
  for (const auto& one : jobs)
    if (!fill_table(one, opts, part)) break;
  return Datum(0);
}
