// What a backfill works on: the migration that the user means, and its heaps.
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

// What was asked of a running backfill meanwhile.
struct backfill_orders {
  bool pause = false, cancel = false;
};
backfill_orders read_orders(const backfill_job&, std::int64_t worker_job);

// Somebody fills its rows, or a worker that will has been started just now.
bool is_under_way(const backfill_job&);
[[noreturn]] void refuse_second(const backfill_job&);

// The heaps below a table: itself, its inheritance children, its leaf partitions.
std::vector<Oid> heaps_of(Oid relation);

// Name for messages; empty when the relation is gone.
std::string relation_display(Oid relation);

// The file of a heap that the caller has locked, and its size.
std::string storage_of(Oid heap);
std::int64_t blocks_of(Oid heap);

// True for the one that finds every table of the migration filled thereby: the rest is for it to do.
bool mark_filled(const backfill_job&);
std::vector<std::int64_t> contracts_of_migration(std::int64_t migration);
// The same for each table of the migration that has rows to fill, the given one first.
std::vector<backfill_job> jobs_of_migration(const backfill_job&);

}  // namespace accord::migration
