// CALL accord.backfill: fills the pending rows of a migration, batch by batch, each in a transaction of its own.
//
// A procedure that commits can have neither SET nor SECURITY DEFINER, so path and identity are set for each batch, and nothing that a commit
// would pull away (relations, snapshots, SPI results, identities) is held from one batch to the next.
//
// Invariants:
//  - a heap is done only when a walk over all its blocks has left no row out; the migration is filled only when a last look at every heap
//    finds no pending row;
//  - while a row is held nothing is waited for longer than a moment, so that in a conflict the backfill gives way and not the client;
//  - the state of the migration is read after the lock on the heap is taken: a rollback, which needs a stronger lock, cannot come between.
#include <algorithm>
#include <chrono>
#include <fmt/format.h>

#include "core/name.hpp"
#include "pg/arguments.hpp"
#include "pg/pause.hpp"
#include "pg/scope.hpp"
#include "plan/backfill_pace.hpp"
#include "server/migration/activate.hpp"
#include "server/migration/backfill_batch.hpp"
#include "server/migration/backfill_job.hpp"
#include "server/migration/backfill_lock.hpp"
#include "server/migration/backfill_throttle.hpp"
#include "server/registry/catalog.hpp"
#include "server/worker/job.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

using backfill_clock = std::chrono::steady_clock;

double seconds_since(backfill_clock::time_point start) {
  return std::chrono::duration<double>(backfill_clock::now() - start).count();
}

struct options {
  int batch_ms = 50;
  double nice = 0;
  std::optional<std::string> max_lag;
  bool fire_triggers = false;
};

// Ends the transaction and begins the next one.
void commit() {
  pg([] {
    SPI_commit();
    XactIsoLevel = XACT_READ_COMMITTED;  // whatever the session's default; no snapshot is taken yet
  });
}

// What a batch commits need not be on disk at once: the last commit of the backfill flushes all of it.
void commit_without_flush() {
  pg([] { (void)set_config_option("synchronous_commit", "off", PGC_SUSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false); });
  commit();
}

bool gives_way(const std::string& sqlstate) {
  return sqlstate == "55P03" || sqlstate == "40P01" || sqlstate == "40001";
}

class backfill {
 public:
  backfill(backfill_job job, options opts)
      : job_(std::move(job)), options_(std::move(opts)), throttle_(options_.max_lag), pace_(options_.batch_ms) {}

  // False: the migration went on without us.
  bool run();
  std::int64_t rows() const { return rows_; }

 private:
  enum class heap_state { ready, gone, superseded };

  heap_state lock(Oid heap);
  void walk(Oid heap, bool again);
  void step(Oid heap, heap_progress&, std::vector<row_place>& skipped);
  bool revisit(Oid heap, heap_progress&, std::vector<row_place>& skipped);
  bool nothing_pending(std::int64_t& pending);
  void wait_for_indexes();
  void wait_while_throttled(Oid heap);
  void show(Oid heap, const heap_progress&, const char* waiting_for = nullptr);
  [[noreturn]] void stop_at_row(Oid heap, const batch_position&, const reported_error&);

  backfill_job job_;
  options options_;
  backfill_throttle throttle_;
  plan::backfill_pace pace_;
  std::int64_t rows_ = 0;
  bool superseded_ = false;
};

// Takes the lock under which a batch works, and makes sure that there is still something to do.
backfill::heap_state backfill::lock(Oid heap) {
  if (!pg([&] { return ConditionalLockRelationOid(heap, RowExclusiveLock); })) {
    write_waiting_for(job_, heap, fmt::format("a lock on \"{}\"", relation_display(heap)));
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

void backfill::show(Oid heap, const heap_progress& p, const char* waiting_for) {
  std::string text = fmt::format("accord.backfill: \"{}\" to {}, \"{}\": block {} of {}", job_.contract_name, job_.to_version,
                                 relation_display(heap), p.next_block, p.blocks);
  if (waiting_for) text += fmt::format(", waiting for {}", waiting_for);
  const char* line = text.c_str();
  pg([&] { pgstat_report_activity(STATE_RUNNING, line); });
}

void backfill::wait_while_throttled(Oid heap) {
  std::optional<std::string> shown;
  while (auto reason = throttle_.reason_to_wait(heap)) {
    if (reason != shown) {
      write_waiting_for(job_, heap, reason);
      shown = reason;
    }
    commit_without_flush();
    pause_ms(100);
  }
}

void backfill::stop_at_row(Oid heap, const batch_position& position, const reported_error& error) {
  std::string where = position.block == 0xFFFFFFFF
                          ? fmt::format("in \"{}\"", relation_display(heap))
                          : fmt::format("at row ({},{}) of \"{}\"", position.block, position.offset, relation_display(heap));
  throw failure(error.sqlstate, fmt::format("backfill of \"{}\" stopped {}: {}", job_.contract_name, where, error.message), error.detail,
                error.hint.empty() ? "Correct the row, then call accord.backfill again: it goes on where it stopped." : error.hint);
}

// One batch from where the walk is.
void backfill::step(Oid heap, heap_progress& progress, std::vector<row_place>& skipped) {
  if (lock(heap) != heap_state::ready) {
    progress.next_block = progress.blocks;
    return commit();
  }
  if (storage_of(heap) != progress.storage) {
    progress = {storage_of(heap), blocks_of(heap), 0, progress.rows_done, 0, false, progress.rows_per_second, progress.blocks_per_second};
    skipped.clear();
    write_progress(job_, heap, progress);
    return commit_without_flush();
  }
  batch_request request;
  request.relation = heap;
  request.marker = job_.marker->c_str();
  request.fire_triggers = options_.fire_triggers;
  request.first_block = static_cast<std::uint32_t>(progress.next_block);
  request.end_block = static_cast<std::uint32_t>(std::min<std::int64_t>(progress.blocks, progress.next_block + 16384));
  request.max_rows = pace_.rows();
  request.max_ms = options_.batch_ms * 0.9;
  auto start = backfill_clock::now();
  batch_result result;
  batch_position position;
  reported_error error;
  bool done = subtransaction(
      [&] {
        local_settings settings;
        settings.set("lock_timeout", "50ms");  // for what a row's indexes and triggers may wait for
        result = fill_blocks(request, position);
      },
      error);
  if (!done) {
    if (!gives_way(error.sqlstate)) stop_at_row(heap, position, error);
    pace_.gave_way();
    write_waiting_for(job_, heap, fmt::format("a lock that a row of \"{}\" needs", relation_display(heap)));
    commit_without_flush();
    return pause_ms(options_.batch_ms);
  }
  double elapsed = seconds_since(start);
  plan::smoothed_rate rows(progress.rows_per_second), blocks(progress.blocks_per_second);
  rows.add(static_cast<double>(result.filled), elapsed * (1 + options_.nice));
  blocks.add(static_cast<double>(result.next_block) - static_cast<double>(progress.next_block), elapsed * (1 + options_.nice));
  progress.rows_per_second = rows.per_second();
  progress.blocks_per_second = blocks.per_second();
  progress.next_block = result.next_block;
  progress.rows_done += result.filled;
  progress.rows_skipped += static_cast<std::int64_t>(result.skipped.size());
  skipped.insert(skipped.end(), result.skipped.begin(), result.skipped.end());
  rows_ += result.filled;
  write_progress(job_, heap, progress);
  commit_without_flush();
  elapsed = seconds_since(start);
  pace_.completed(result.filled, elapsed * 1000);
  show(heap, progress);
  if (options_.nice > 0) pause_ms(elapsed * 1000 * options_.nice);
}

// The rows that somebody else had: first as they come free, then, if they do not, waiting for one of them with nothing else in hand.
// False: the heap was rewritten, and the places mean nothing any more.
bool backfill::revisit(Oid heap, heap_progress& progress, std::vector<row_place>& skipped) {
  auto waiting_since = backfill_clock::now();
  for (int round = 0; !skipped.empty(); round++) {
    wait_while_throttled(heap);
    bool wait = round >= 3;
    if (wait) {
      write_waiting_for(job_, heap, fmt::format("{} rows that other transactions have locked", skipped.size()));
      show(heap, progress, "rows that other transactions have locked");
      commit_without_flush();
    }
    if (lock(heap) != heap_state::ready) return commit(), true;
    if (storage_of(heap) != progress.storage) return commit(), false;
    batch_request request;
    request.relation = heap;
    request.marker = job_.marker->c_str();
    request.fire_triggers = options_.fire_triggers;
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
    progress.rows_done += filled;
    progress.rows_skipped = static_cast<std::int64_t>(skipped.size());
    write_progress(job_, heap, progress);
    commit_without_flush();
    if (!skipped.empty() && !wait) pause_ms(10 << std::max(round, 0));
  }
  return true;
}

// All blocks of one heap, from where an earlier run left off.
void backfill::walk(Oid heap, bool again) {
  for (bool first = true;; first = false) {
    if (lock(heap) != heap_state::ready) return commit();
    auto stored = read_progress(job_, heap);
    heap_progress progress = stored.value_or(heap_progress{});
    std::string storage = storage_of(heap);
    bool known = stored && progress.storage == storage;
    if (first && !again && known && progress.done) return commit();
    // A walk that ended with rows left out, and whose list of them is lost, is made again.
    if (!known || !first || again || progress.done || progress.next_block >= progress.blocks || progress.rows_skipped > 0) {
      progress.storage = storage;
      progress.blocks = blocks_of(heap);
      progress.next_block = 0;
      progress.rows_skipped = 0;
      progress.done = false;
    }
    write_progress(job_, heap, progress);
    commit_without_flush();
    std::vector<row_place> skipped;
    while (progress.next_block < progress.blocks) {
      wait_while_throttled(heap);
      step(heap, progress, skipped);
    }
    if (superseded_) return;
    if (!revisit(heap, progress, skipped)) continue;
    if (superseded_ || lock(heap) != heap_state::ready) return commit();
    if (storage_of(heap) != progress.storage) {
      commit();
      continue;
    }
    progress.done = true;
    write_progress(job_, heap, progress);
    return commit_without_flush();
  }
}

// The last look, each heap under its lock.
bool backfill::nothing_pending(std::int64_t& pending) {
  pending = 0;
  for (Oid heap : heaps_of(job_.relation)) {
    if (lock(heap) == heap_state::ready) pending += count_pending(heap, job_.marker->c_str());
    if (superseded_) return false;
    commit();
  }
  return pending == 0;
}

// Indexes of the new version that workers build: the version is not complete without them.  Nothing is held while waiting, since they wait
// for everybody's snapshots and locks.
void backfill::wait_for_indexes() {
  worker::restart_jobs(job_.migration, job_.contract, "index", true);
  commit();
  for (;;) {
    auto left = worker::outstanding_jobs(job_.migration, job_.contract, "index");
    if (left.failed > 0)
      throw failure(core::sqlstate::object_not_in_prerequisite_state,
                    fmt::format("an index of \"{}\" {} could not be built: {}", job_.contract_name, job_.to_version, left.error), {},
                    "All rows are filled.  Correct what is in the way, then call accord.backfill again; see accord.jobs.");
    if (left.abandoned > 0 && left.underway == 0) worker::restart_jobs(job_.migration, job_.contract, "index", false);
    commit();
    if (!left.any()) return;
    pg([] { pgstat_report_activity(STATE_RUNNING, "accord.backfill: waiting for indexes that background workers build"); });
    pause_ms(100);
  }
}

bool backfill::run() {
  commit();  // from here on every transaction is ours
  if (job_.marker) {
    for (bool again = false;; again = true) {
      std::int64_t before = rows_, pending = 0;
      forget_vanished_heaps(job_);
      auto heaps = heaps_of(job_.relation);
      commit();
      for (Oid heap : heaps) {
        walk(heap, again);
        if (superseded_) return commit(), false;
      }
      if (nothing_pending(pending)) break;
      if (superseded_) return commit(), false;
      if (again && rows_ == before)
        throw failure(core::sqlstate::object_not_in_prerequisite_state,
                      fmt::format("{} {} of \"{}\" cannot be filled", pending, pending == 1 ? "row" : "rows", job_.contract_name),
                      "A trigger keeps them from being updated, or the triggers of pg_accord are disabled.");
    }
  }
  mark_filled(job_);
  catalog::audit({"backfill", job_.contract, job_.migration, fmt::format(R"({{"to_version": "{}", "rows": {}}})", job_.to_version, rows_)});
  commit();
  wait_for_indexes();
  try_activate(registry::get_contract_by_id(job_.contract));
  commit();
  return true;
}

options read_options(FunctionCallInfo fcinfo) {
  arguments args(fcinfo);
  options opts;
  opts.batch_ms = args.int4(2, "batch_ms");
  if (opts.batch_ms < 1 || opts.batch_ms > 60'000)
    throw failure(core::sqlstate::invalid_parameter, fmt::format("batch_ms must be between 1 and 60000, not {}", opts.batch_ms));
  if (args.is_null(3)) throw failure(core::sqlstate::null_not_allowed, "argument \"nice\" must not be null");
  opts.nice = DatumGetFloat8(fcinfo->args[3].value);
  if (!(opts.nice >= 0 && opts.nice <= 100)) throw failure(core::sqlstate::invalid_parameter, "nice must be between 0 and 100");
  if (!args.is_null(4)) opts.max_lag = pg([&] { return DatumGetCString(DirectFunctionCall1(interval_out, fcinfo->args[4].value)); });
  opts.fire_triggers = args.boolean(5, "fire_triggers");
  return opts;
}

void require_own_transactions(FunctionCallInfo fcinfo) {
  auto* context = reinterpret_cast<CallContext*>(fcinfo->context);
  if (context && IsA(context, CallContext) && !context->atomic) return;
  throw failure(core::sqlstate::active_transaction, "accord.backfill cannot run inside a transaction block",
                "It commits each batch, so that no row stays locked for long.", "Call it by itself, without BEGIN.");
}

}  // namespace
}  // namespace accord::migration

ACCORD_FUNCTION(accord_backfill) {
  using namespace accord;
  using namespace accord::migration;
  arguments args(fcinfo);
  Oid relation = args.oid(0, "contract");
  auto opts = read_options(fcinfo);
  auto job = find_backfill_job(relation, args.optional_text(1), true);
  std::string what = fmt::format("\"{}\" to {}", job.contract_name, job.to_version);
  if (job.state != "preparing") {
    spi::notice(fmt::format("nothing to backfill: the migration of {} is {}", what, job.state));
    return Datum(0);
  }
  require_own_transactions(fcinfo);
  if (!try_lock_backfill(job.contract))
    throw failure("55006", fmt::format("another backfill of \"{}\" is running", job.contract_name), {}, "See accord.progress.");
  pg([] { SPI_connect_ext(SPI_OPT_NONATOMIC); });
  auto start = backfill_clock::now();
  backfill work(job, opts);
  bool finished = work.run();
  pg([] { SPI_finish(); });
  unlock_backfill();
  if (!finished)
    spi::notice(fmt::format("the migration of {} went on meanwhile", what));
  else
    spi::notice(fmt::format("backfill of {} is complete: {} {}", what, work.rows(), work.rows() == 1 ? "row" : "rows"),
                fmt::format("It took {:.1f} seconds.", seconds_since(start)));
  return Datum(0);
}
