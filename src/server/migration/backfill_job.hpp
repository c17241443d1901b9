// What a backfill works on, and what it has written down about it: accord_catalog.backfill_range, one row for each heap.
//
// A row is written in the transaction of the batch that it tells of, so that after a crash both are there or neither.  The heap is known by
// its file (database system, database, file number): after a rewrite, a restore or a truncation the numbers of its blocks mean nothing any
// more, and the walk begins again.  That is cheap, since rows that are filled are passed by.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pg/bridge.hpp"

namespace accord::migration {

struct backfill_job {
  std::int64_t migration = 0, contract = 0;
  Oid relation = InvalidOid;
  std::string contract_name;  // for messages
  std::string to_version;
  std::string state;
  std::optional<std::string> marker;  // none: nothing is copied, the migration is view-level
  bool filled = false;
};

// The live migration that the user means; checks that the caller may run it.  Several: an error that lists the choices, unless
// only one of them has anything left to fill and that is what is asked for.
backfill_job find_backfill_job(Oid relation, const std::optional<std::string>& to_version, bool prefer_unfilled);

// State of the migration as of now; empty when it is gone.
std::string migration_state(std::int64_t migration);

// The heaps below a table: itself, its inheritance children, its leaf partitions.
std::vector<Oid> heaps_of(Oid relation);

// Name for messages; empty when the relation is gone.
std::string relation_display(Oid relation);

struct heap_progress {
  std::string storage;
  std::int64_t blocks = 0, next_block = 0, rows_done = 0, rows_skipped = 0;
  bool done = false;
  double rows_per_second = 0, blocks_per_second = 0;
};

// The file of a heap that the caller has locked, and its size.
std::string storage_of(Oid heap);
std::int64_t blocks_of(Oid heap);

std::optional<heap_progress> read_progress(const backfill_job&, Oid heap);
void write_progress(const backfill_job&, Oid heap, const heap_progress&);
void write_waiting_for(const backfill_job&, Oid heap, const std::optional<std::string>& reason);
void forget_vanished_heaps(const backfill_job&);
void mark_filled(const backfill_job&);

}  // namespace accord::migration
