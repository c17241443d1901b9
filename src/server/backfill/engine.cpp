// The engine of the backfill.  See engine.hpp.
#include "server/backfill/engine.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

#include "pg/pause.hpp"
#include "pg/scope.hpp"
#include "server/backfill/old_snapshots.hpp"
#include "server/migration/activate.hpp"
#include "server/registry/catalog.hpp"
#include "server/worker/job.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

using backfill_clock = std::chrono::steady_clock;

double seconds_since(backfill_clock::time_point start) {
  return std::chrono::duration<double>(backfill_clock::now() - start).count();
}

bool gives_way(const std::string& sqlstate) {
  return sqlstate == "55P03" || sqlstate == "40P01" || sqlstate == "40001";
}

}  // namespace

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

batch_request backfill_engine::request_for(Oid heap) const {
  batch_request request;
  request.relation = heap;
  request.marker = job_.marker->c_str();
  request.fire_triggers = options_.fire_triggers;
  return request;
}

const std::string& backfill_engine::display(Oid heap) {
  auto found = names_.find(heap);
  return found == names_.end() ? names_.emplace(heap, relation_display(heap)).first->second : found->second;
}

void backfill_engine::show(const claim& range, const char* waiting_for) {
  std::string text = fmt::format("accord.backfill: \"{}\" to {}, \"{}\": block {} of {}", job_.contract_name, job_.to_version,
                                 display(range.heap), range.next_block, range.end_block);
  if (waiting_for) text += fmt::format(", waiting for {}", waiting_for);
  const char* line = text.c_str();
  pg([&] { pgstat_report_activity(STATE_RUNNING, line); });
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

void backfill_engine::stop_at_row(Oid heap, const batch_position& position, const reported_error& error) {
  std::string where = fmt::format("in \"{}\"", relation_display(heap));
  if (position.block != 0xFFFFFFFF) {
    std::string key = key_at(heap, {position.block, position.offset});
    where = fmt::format("at row ({},{}) of \"{}\"{}{}", position.block, position.offset, relation_display(heap),
                        key.empty() ? "" : ", whose key is ", key);
  }
  throw failure(error.sqlstate, fmt::format("backfill of \"{}\" stopped {}: {}", job_.contract_name, where, error.message), error.detail,
                error.hint.empty() ? "Correct the row, then call accord.backfill again: it goes on where it stopped." : error.hint);
}

// The heap, which is locked, has another file than when the range was claimed: its walk begins again.
void backfill_engine::abandon(work& w) {
  prepare_range(job_, w.range.heap);
  w.is_void = true;
  commit_without_flush();
}

// The rows of the next blocks of the range, in the present transaction.  False: the batch gave way to somebody, and nothing was done.
bool backfill_engine::fill_range(work& w, const batch_request& request, batch_result& result) {
  batch_position position;
  reported_error error;
  bool done = subtransaction(
      [&] {
        local_settings settings;
        settings.set("lock_timeout", "50ms");  // for what a row's indexes and triggers may wait for
        result = fill_blocks(request, position);
      },
      error);
  if (done) return true;
  if (!gives_way(error.sqlstate)) stop_at_row(request.relation, position, error);
  pace_.gave_way();
  write_waiting_for(w.range, fmt::format("a lock that a row of \"{}\" needs", relation_display(request.relation)));
  commit_without_flush();
  pause_ms(options_.batch_ms);
  return false;
}

// One batch from where the walk is.
void backfill_engine::step(work& w) {
  claim& range = w.range;
  switch (lock(range.heap, &range)) {
    case heap_state::gone:
      w.is_void = true;
      return commit();
    case heap_state::superseded:
      return commit();
    case heap_state::ready:
      break;
  }
  if (storage_of(range.heap) != range.storage) return abandon(w);
  auto request = request_for(range.heap);
  request.first_block = static_cast<std::uint32_t>(range.next_block);
  request.end_block = static_cast<std::uint32_t>(range.end_block);
  request.max_rows = pace_.rows();
  request.max_ms = options_.batch_ms * 0.9;
  auto start = backfill_clock::now();
  batch_result result;
  if (!fill_range(w, request, result)) return;
  double elapsed = seconds_since(start);
  row_rate_.add(static_cast<double>(result.filled), elapsed * (1 + options_.nice));
  block_rate_.add(static_cast<double>(result.next_block) - static_cast<double>(range.next_block), elapsed * (1 + options_.nice));
  range.next_block = result.next_block;
  range.rows_skipped += static_cast<std::int64_t>(result.skipped.size());
  w.skipped.insert(w.skipped.end(), result.skipped.begin(), result.skipped.end());
  rows_ += result.filled;
  write_claim(job_, range, result.filled, {row_rate_.per_second(), block_rate_.per_second()});
  commit_without_flush();
  elapsed = seconds_since(start);
  pace_.completed(result.filled, elapsed * 1000);
  show(range);
  if (options_.nice > 0) pause_ms(elapsed * 1000 * options_.nice);
}

// The rows that somebody else had: first as they come free, then, if they do not, waiting for one of them with nothing else in hand.
// False: stop.
bool backfill_engine::revisit(work& w) {
  Oid heap = w.range.heap;
  auto& skipped = w.skipped;
  auto waiting_since = backfill_clock::now();
  for (int round = 0; !skipped.empty(); round++) {
    if (!may_go_on(heap, &w.range)) return false;
    bool wait = round >= 3;
    if (wait) {
      write_waiting_for(w.range, fmt::format("{} rows that other transactions have locked", skipped.size()));
      show(w.range, "rows that other transactions have locked");
      commit_without_flush();
    }
    auto state = lock(heap, &w.range);
    if (state != heap_state::ready) {
      w.is_void = state == heap_state::gone;
      commit();
      return !stopped();
    }
    if (storage_of(heap) != w.range.storage) {
      abandon(w);
      return true;
    }
    auto request = request_for(heap);
    auto start = backfill_clock::now();
    std::int64_t filled = 0;
    std::vector<row_place> still;
    batch_position position;
    reported_error error;
    // Shorter than the deadlock check of the session that may come to wait for our lock on the table.
    std::string patience = fmt::format("{}ms", std::clamp(pg([] { return DeadlockTimeout; }) / 2, 1, 200));
    bool done = subtransaction(
        [&] {
          local_settings settings;
          settings.set("lock_timeout", patience.c_str());
          still.assign(skipped.begin(), skipped.end());
          if (wait) {
            fill_row(request, skipped.front(), true, filled, position);
            still.erase(still.begin());
          } else {
            still.clear();
            for (std::size_t i = 0; i < skipped.size(); i++) {
              bool in_time = seconds_since(start) * 1000 < options_.batch_ms;
              if (!in_time || !fill_row(request, skipped[i], false, filled, position)) still.push_back(skipped[i]);
            }
          }
        },
        error);
    if (!done) {
      if (!gives_way(error.sqlstate)) stop_at_row(heap, position, error);
      int limit = pg([] { return LockTimeout; });
      if (limit > 0 && seconds_since(waiting_since) * 1000 > limit)
        throw failure(
            "55P03", "canceling backfill due to lock timeout",
            fmt::format("Rows of \"{}\" are locked by other transactions and remain pending: {}.", relation_display(heap), skipped.size()),
            "Call accord.backfill again: it goes on where it stopped.");
      commit_without_flush();
      continue;
    }
    if (filled > 0 || still.size() < skipped.size()) {
      round = -1;
      waiting_since = backfill_clock::now();
    }
    skipped = std::move(still);
    rows_ += filled;
    w.range.rows_skipped = static_cast<std::int64_t>(skipped.size());
    write_claim(job_, w.range, filled, {row_rate_.per_second(), block_rate_.per_second()});
    commit_without_flush();
    if (!skipped.empty() && !wait) pause_ms(10 << std::max(round, 0));
  }
  return true;
}

// False: stop.
bool backfill_engine::prepare(const std::vector<Oid>& heaps) {
  for (Oid heap : heaps) {
    auto state = lock(heap, nullptr);
    if (state == heap_state::ready) prepare_range(job_, heap);
    commit_without_flush();
    if (state == heap_state::superseded) return false;
  }
  return true;
}

// All ranges of the heaps that nobody else has.  Rows that were locked are visited again at the end, when they may have come free.
// False: stop.
bool backfill_engine::walk(const std::vector<Oid>& heaps) {
  std::vector<work> kept;
  for (;;) {
    std::vector<std::int64_t> open;
    for (const auto& w : kept)
      open.push_back(w.range.id);
    auto range = next_claim(job_, who_, heaps, open);
    commit_without_flush();
    if (!range && kept.empty()) return true;
    if (!range) {
      for (auto& w : kept) {
        if (!revisit(w)) return false;
        if (!w.is_void) close_claim(job_, w.range);
        commit_without_flush();
      }
      kept.clear();
      continue;
    }
    work w{std::move(*range), {}, false};
    while (!w.is_void && w.range.next_block < w.range.end_block) {
      if (!may_go_on(w.range.heap, &w.range)) return false;
      step(w);
      if (stopped()) return false;
    }
    if (w.is_void) continue;
    if (!w.skipped.empty()) {
      kept.push_back(std::move(w));
      continue;
    }
    close_claim(job_, w.range);
    commit_without_flush();
  }
}

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
  for (;;) {
    auto left = worker::outstanding_jobs(job_.migration, contract, "index");
    if (left.failed > 0)
      throw failure(core::sqlstate::object_not_in_prerequisite_state,
                    fmt::format("an index of \"{}\" {} could not be built: {}", job_.contract_name, job_.to_version, left.error), {},
                    "All rows are filled.  Correct what is in the way, then call accord.backfill again; see accord.jobs.");
    if (left.abandoned > 0 && left.underway == 0) worker::restart_jobs(job_.migration, contract, "index", worker::which::abandoned);
    commit();
    if (!left.any()) return;
    pg([] { pgstat_report_activity(STATE_RUNNING, "accord.backfill: waiting for indexes that background workers build"); });
    pause_ms(100);
  }
}

void backfill_engine::start_indexes(std::int64_t contract) {
  request_missing_indexes(contract, job_.migration);
  worker::restart_jobs(job_.migration, contract, "index", worker::which::cancelled_too);
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
  try_activate(registry::get_contract_by_id(job_.contract), job_.migration);
  commit();
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

backfill_end backfill_engine::run_rows(Oid relation, const std::string& condition) {
  commit();
  for (;;) {
    auto found = find_pending_rows(relation, *job_.marker, condition);
    commit();
    if (found.empty()) return backfill_end::subset;
    std::vector<Oid> heaps;
    for (const auto& [heap, rows] : found)
      heaps.push_back(heap);
    if (!prepare(heaps)) return stopped_end();
    std::int64_t before = rows_, locked = 0;
    for (auto& [heap, rows] : found)
      if (!fill_found(heap, rows, locked)) return stopped_end();
    // Rows that others had, or that were moved meanwhile, are looked for again.
    if (rows_ > before) continue;
    if (locked == 0) return backfill_end::subset;
    pause_ms(100);
  }
}

// False: stop.
bool backfill_engine::fill_found(Oid heap, const found_rows& rows, std::int64_t& locked) {
  for (std::size_t next = 0; next < rows.places.size();) {
    if (!may_go_on(heap, nullptr)) return false;
    auto state = lock(heap, nullptr);
    if (state != heap_state::ready || storage_of(heap) != rows.storage) {
      commit();
      return !stopped();
    }
    auto request = request_for(heap);
    request.max_rows = pace_.rows();
    request.max_ms = options_.batch_ms * 0.9;
    auto start = backfill_clock::now();
    batch_result result;
    batch_position position;
    reported_error error;
    bool done = subtransaction(
        [&] {
          local_settings settings;
          settings.set("lock_timeout", "50ms");
          result = fill_places(request, rows.places, next, position);
        },
        error);
    if (!done) {
      if (!gives_way(error.sqlstate)) stop_at_row(heap, position, error);
      pace_.gave_way();
      commit_without_flush();
      pause_ms(options_.batch_ms);
      continue;
    }
    next = result.next_block;
    locked += static_cast<std::int64_t>(result.skipped.size());
    rows_ += result.filled;
    count_rows(job_, heap, result.filled);
    commit_without_flush();
    double elapsed = seconds_since(start);
    pace_.completed(result.filled, elapsed * 1000);
    if (options_.nice > 0) pause_ms(elapsed * 1000 * options_.nice);
  }
  return true;
}

}  // namespace accord::migration
