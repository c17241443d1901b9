// How several backends share a backfill: ranges of blocks, claimed one at a time.
//
// accord_catalog.backfill_range has a row for each heap with the next block that nobody has claimed; accord_catalog.backfill_claim has a row
// for each range that somebody works on.  A claim is written to in the transaction of the batch that it tells of, so that after a crash both
// are there or neither; a claim whose worker is gone is taken over by the next one that looks for work.
//
// The heap is known by its file (database system, database, file number): after a rewrite or a restore the numbers of its blocks mean nothing
// any more, its claims are void and the walk over it begins again.  That is cheap, since rows that are filled are passed by.
//
// Locking: whoever claims or gives back holds the row lock of accord_catalog.migration_relation for the rest of a short transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/backfill/job.hpp"

namespace accord::migration {

// Who claims: a job of accord_catalog.job, or (0) a session that has the backfill for itself.
struct claimant {
  std::int64_t job = 0;
  int workers = 1;  // how many share the work
};

struct claim {
  std::int64_t id = 0;
  Oid heap = InvalidOid;  // InvalidOid: the last look, which only one takes
  std::string storage;
  std::int64_t first_block = 0, next_block = 0, end_block = 0;
  std::int64_t rows_skipped = 0;
};

// Takes the row lock under which ranges are claimed and jobs are started.
void serialize(const backfill_job&);
// Makes sure that the heap, which the caller has locked, has its range, and that the range speaks of the file that is there.
void prepare_range(const backfill_job&, Oid heap);
void forget_vanished_heaps(const backfill_job&);
// Everything is to be walked again, once prepare_range has looked at it.
void reopen_ranges(const backfill_job&);

// The next range for the claimant in one of the heaps; none: all ranges are taken.  `open` are claims that it has and keeps.
std::optional<claim> next_claim(const backfill_job&, const claimant&, const std::vector<Oid>& heaps, const std::vector<std::int64_t>& open);
// The last look; none: others are still at work.
std::optional<claim> claim_last_look(const backfill_job&, const claimant&);

struct claim_rates {
  double rows_per_second = 0, blocks_per_second = 0;
};
// After a batch that filled `filled` rows.
void write_claim(const backfill_job&, const claim&, std::int64_t filled, const claim_rates&);
// Rows that were filled outside any claim.
void count_rows(const backfill_job&, Oid heap, std::int64_t filled);
std::int64_t rows_done(const backfill_job&);
void write_waiting_for(const claim&, const std::optional<std::string>& reason);
void close_claim(const backfill_job&, const claim&);

}  // namespace accord::migration
