// One batch of a backfill: the pending rows of some blocks of one heap, filled by the sync triggers.
//
// The batch walks the heap below the SQL level, so that it can take a row only if nobody else has it, stop at any block when its time
// is up or a client waits for it, and name the row that failed.  Row security and rules do not apply at that level: every row is seen.
//
// Locking: the caller holds RowExclusiveLock on the relation.  No row is waited for, except by fill_row().
#pragma once

#include <cstdint>
#include <vector>

#include "pg/bridge.hpp"

namespace accord::migration {

// A row by its place: block and offset, without the server's type.
struct row_place {
  std::uint32_t block = 0;
  std::uint16_t offset = 0;
};

struct batch_request {
  Oid relation = InvalidOid;
  const char* marker = nullptr;
  bool fire_triggers = false;
  std::uint32_t first_block = 0, end_block = 0;  // end_block is not part of it
  std::int64_t max_rows = 0;
  double max_ms = 0;
};

struct batch_result {
  std::uint32_t next_block = 0;
  std::int64_t filled = 0;
  bool yielded = false;            // ended early because somebody waits for a row of it
  std::vector<row_place> skipped;  // pending rows that somebody else has locked
};

// Where the batch was when it failed, for the error message; block is InvalidBlockNumber before the first row.
struct batch_position {
  std::uint32_t block = 0xFFFFFFFF;
  std::uint16_t offset = 0;
};

batch_result fill_blocks(const batch_request&, batch_position&);

// The same for rows by their places, as many as the request allows from `first` on; the result's next_block is how far it came in the list.
batch_result fill_places(const batch_request&, const std::vector<row_place>&, std::size_t first, batch_position&);

// Fills one row by its place if it is still pending, and waits for its lock if `wait`.  False: somebody has it.
bool fill_row(const batch_request&, row_place, bool wait, std::int64_t& filled, batch_position&);

// Number of rows of a heap that are pending, as of now.
std::int64_t count_pending(Oid relation, const char* marker);

}  // namespace accord::migration
