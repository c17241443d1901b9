// The engine of the backfill, for CALL accord.backfill and for background workers: fills pending rows, batch by batch, each in a transaction
// of its own.
//
// Invariants:
//  - a heap is done only when every range of it was walked and has left no row out; the migration is filled only when a last look at every
//    heap, by one worker, finds no pending row, and nobody is left who could still see one;
//  - while a row is held nothing is waited for longer than a moment, so that in a conflict the backfill gives way and not the client;
//  - the state of the migration is read after the lock on the heap is taken: a rollback, which needs a stronger lock, cannot come between;
//  - nothing that a commit would pull away (relations, snapshots, SPI results, identities) is held from one batch to the next.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pg/scope.hpp"
#include "plan/backfill_pace.hpp"
#include "server/backfill/batch.hpp"
#include "server/backfill/job.hpp"
#include "server/backfill/rows.hpp"
#include "server/backfill/throttle.hpp"
#include "server/backfill/work.hpp"

namespace accord::migration {

struct backfill_options {
  int batch_ms = 50;
  double nice = 0;
  std::optional<std::string> max_lag;
  bool fire_triggers = false;
};

enum class backfill_end {
  complete,    // everything is filled, and what was due to become active is
  subset,      // what was asked for is filled; the rest was not looked at
  others,      // nothing is left to claim, and others are at work
  superseded,  // the migration went on without us
  paused       // only a worker: a session waits
};

class backfill_engine {
 public:
  backfill_engine(backfill_job job, backfill_options opts, claimant who)
      : job_(std::move(job)), options_(std::move(opts)), who_(who), throttle_(options_.max_lag), pace_(options_.batch_ms) {}

  // In a transaction that may be committed; in another one at the end.
  backfill_end run();
  // Only the heaps of one partition.
  backfill_end run_partition(Oid partition);
  // Only rows for which the condition holds, in the table or below the partition.
  backfill_end run_rows(Oid relation, const std::string& condition);
  std::int64_t rows() const { return rows_; }

 private:
  // A range that we have, and the rows in it that somebody else had.
  struct work {
    claim range;
    std::vector<row_place> skipped;
    bool is_void = false;
  };
  enum class heap_state { ready, gone, superseded };

  void commit();
  void commit_without_flush();
  heap_state lock(Oid heap, const claim*);
  bool prepare(const std::vector<Oid>& heaps);
  bool may_go_on(Oid heap, const claim*);
  bool walk(const std::vector<Oid>& heaps);
  void step(work&);
  bool fill_range(work&, const batch_request&, batch_result&);
  bool revisit(work&);
  void abandon(work&);
  bool fill_found(Oid heap, const found_rows&, std::int64_t& locked);
  bool nothing_pending(std::int64_t& pending);
  void start_indexes(std::int64_t contract);
  void wait_for_indexes(std::int64_t contract);
  void open_version();
  bool wait_for_old_snapshots(const claim& last_look);
  batch_request request_for(Oid heap) const;
  void show(const claim&, const char* waiting_for = nullptr);
  backfill_end stopped_end() const { return paused_ ? backfill_end::paused : backfill_end::superseded; }
  const std::string& display(Oid heap);
  bool stopped() const { return paused_ || superseded_; }
  [[noreturn]] void stop_at_row(Oid heap, const batch_position&, const reported_error&);

  backfill_job job_;
  backfill_options options_;
  claimant who_;
  backfill_throttle throttle_;
  plan::backfill_pace pace_;
  plan::smoothed_rate row_rate_, block_rate_;
  std::map<Oid, std::string> names_;  // of heaps, for what is shown with each batch
  std::int64_t rows_ = 0;
  bool superseded_ = false, paused_ = false;
};

}  // namespace accord::migration
