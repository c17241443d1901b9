// What the engine does when the rows are filled: a last look, who could still see one unfilled, what the new version needs, and its opening.
// See engine.hpp.
#include <fmt/format.h>

#include "pg/pause.hpp"
#include "server/backfill/engine.hpp"
#include "server/backfill/old_snapshots.hpp"
#include "server/migration/activate.hpp"
#include "server/worker/job.hpp"

#include "pg/pg.h"

namespace accord::migration {

// The last look, each heap under its lock.
bool backfill_engine::nothing_pending(std::int64_t& pending) {
  pending = 0;
  for (Oid heap : heaps_of(job_.relation)) {
    if (lock(heap, nullptr) == heap_state::ready) pending += count_pending(heap, job_.marker->c_str());
    commit();
    if (superseded_) return false;
  }
  return pending == 0;
}

// With nothing held.  False: stop.
bool backfill_engine::wait_for_old_snapshots(const claim& last_look) {
  old_snapshots old;
  old.gather();
  for (std::optional<std::string> shown;;) {
    auto orders = read_orders(job_, who_.job);
    if (orders.cancel) throw failure("57014", "canceling backfill due to user request");
    if (orders.pause && who_.job != 0) paused_ = true;
    if (migration_state(job_.migration) != "preparing") superseded_ = true;
    auto reason = old.in_the_way();
    if (reason != shown) write_waiting_for(last_look, reason);
    shown = reason;
    commit();
    if (stopped()) return false;
    if (!reason) return true;
    old.wait();
    commit();
  }
}

// Indexes of the new version that workers build: the version is not complete without them.  Nothing is held while waiting, since they wait
// for everybody's snapshots and locks.
void backfill_engine::wait_for_indexes(std::int64_t contract) {
  for (int tries = 0;;) {
    auto left = worker::outstanding_jobs(job_.migration, contract, "index");
    if (left.failed > 0)
      throw failure(core::sqlstate::object_not_in_prerequisite_state,
                    fmt::format("an index of \"{}\" {} could not be built: {}", job_.contract_name, job_.to_version, left.error), {},
                    "All rows are filled.  Correct what is in the way, then call accord.backfill again; see accord.jobs.");
    if (left.abandoned > 0 && left.underway == 0) {
      auto jobs = worker::relaunch_jobs(job_.migration, contract, "index", worker::which::abandoned);
      // All workers may be taken for a moment, by those of this backfill too.
      if (++tries > 100) worker::require_started(jobs);
    }
    commit();
    if (!left.any()) return;
    pg([] { pgstat_report_activity(STATE_RUNNING, "accord.backfill: waiting for indexes that background workers build"); });
    pause_ms(100);
  }
}

void backfill_engine::start_indexes(std::int64_t contract) {
  request_missing_indexes(contract, job_.migration);
  worker::relaunch_jobs(job_.migration, contract, "index", worker::which::cancelled_too);
  commit();
}

// What is due when the rows of every table of the migration are filled.
void backfill_engine::open_version() {
  auto contracts = contracts_of_migration(job_.migration);
  commit();
  for (auto contract : contracts)
    if (contract != job_.contract) start_indexes(contract);
  for (auto contract : contracts)
    wait_for_indexes(contract);
  add_keys(job_.migration);
  commit();
  prove_constraints(job_.migration);
  commit();
  open_versions(job_.contract, job_.migration, [this] { commit(); });
}

}  // namespace accord::migration
