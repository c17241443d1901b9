// The engine's course and its transactions.  See engine.hpp.
#include "server/backfill/engine.hpp"

#include <fmt/format.h>

#include "pg/pause.hpp"
#include "pg/scope.hpp"
#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::migration {

// Ends the transaction and begins the next one.
void backfill_engine::commit() {
  bool in_worker = who_.job != 0;
  pg([&] {
    if (in_worker) {
      CommitTransactionCommand();
      pgstat_report_stat(false);  // autovacuum shall know of the rows meanwhile
      if (ConfigReloadPending) {
        ConfigReloadPending = false;
        ProcessConfigFile(PGC_SIGHUP);
      }
      StartTransactionCommand();
    } else {
      SPI_commit();
    }
    XactIsoLevel = XACT_READ_COMMITTED;  // whatever the session's default; no snapshot is taken yet
  });
}

// What a batch commits need not be on disk at once: the last commit of the backfill flushes all of it.
void backfill_engine::commit_without_flush() {
  pg([] { (void)set_config_option("synchronous_commit", "off", PGC_SUSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false); });
  commit();
}

// Takes the lock under which a batch works, and makes sure that there is still something to do.
backfill_engine::heap_state backfill_engine::lock(Oid heap, const claim* range) {
  if (!pg([&] { return ConditionalLockRelationOid(heap, RowExclusiveLock); })) {
    if (range) write_waiting_for(*range, fmt::format("a lock on \"{}\"", relation_display(heap)));
    commit();
    pg([&] { LockRelationOid(heap, RowExclusiveLock); });  // as any writer waits; we hold nothing
  }
  if (!pg([&] { return SearchSysCacheExists1(RELOID, ObjectIdGetDatum(heap)); })) return heap_state::gone;
  std::string state = migration_state(job_.migration);
  if (state == "preparing") return heap_state::ready;
  if (state.empty() || state == "rolled back")
    throw failure(core::sqlstate::object_not_in_prerequisite_state,
                  fmt::format("migration of \"{}\" to {} was rolled back during the backfill", job_.contract_name, job_.to_version));
  superseded_ = true;
  return heap_state::superseded;
}

// Between batches, with nothing held: waits while something speaks against the next one.  False: stop.
bool backfill_engine::may_go_on(Oid heap, const claim* range) {
  for (std::optional<std::string> shown;;) {
    auto orders = read_orders(job_, who_.job);
    if (orders.cancel) throw failure("57014", "canceling backfill due to user request");
    if (orders.pause && who_.job != 0) {
      paused_ = true;
      commit();
      return false;
    }
    std::optional<std::string> reason;
    if (orders.pause)
      reason = "accord.resume_backfill";
    else
      reason = throttle_.reason_to_wait(heap);
    if (!reason) return true;
    if (range && reason != shown) write_waiting_for(*range, reason);
    shown = reason;
    commit_without_flush();
    pause_ms(100);
  }
}

backfill_end backfill_engine::run() {
  commit();  // from here on every transaction is ours
  std::optional<claim> last;
  if (job_.marker) {
    for (bool again = false;; again = true) {
      std::int64_t before = rows_, pending = 0;
      forget_vanished_heaps(job_);
      if (again) reopen_ranges(job_);
      auto heaps = heaps_of(job_.relation);
      commit();
      if (!prepare(heaps) || !walk(heaps)) return stopped_end();
      last = claim_last_look(job_, who_);
      commit();
      if (!last) return backfill_end::others;
      if (nothing_pending(pending)) {
        if (!wait_for_old_snapshots(*last)) return stopped_end();
        break;
      }
      if (superseded_) return stopped_end();
      if (again && rows_ == before)
        throw failure(core::sqlstate::object_not_in_prerequisite_state,
                      fmt::format("{} {} of \"{}\" cannot be filled", pending, pending == 1 ? "row" : "rows", job_.contract_name),
                      "A trigger keeps them from being updated, or the triggers of pg_accord are disabled.");
    }
  }
  bool is_last_table = mark_filled(job_);
  if (last) close_claim(job_, *last);
  // Workers share the rows: the one that ends the work tells of all of them.
  auto rows = who_.job ? rows_done(job_) : rows_;
  catalog::audit({"backfill", job_.contract, job_.migration, fmt::format(R"({{"to_version": "{}", "rows": {}}})", job_.to_version, rows)});
  commit();
  start_indexes(job_.contract);
  if (is_last_table) open_version();
  return backfill_end::complete;
}

backfill_end backfill_engine::run_partition(Oid partition) {
  commit();
  auto heaps = heaps_of(partition);
  commit();
  if (!prepare(heaps) || !walk(heaps)) return stopped_end();
  return backfill_end::subset;
}

}  // namespace accord::migration
