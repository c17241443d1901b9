// Work for background workers: one row of accord_catalog.job for each piece.
//
// How to use it, for example from accord.stage:
//
//   worker::index_job job{.migration = id, .contract = contract.id,
//                         .statement = "CREATE INDEX CONCURRENTLY _accord_7_i ON public.t (_accord_7_delay)",
//                         .index = {"public", "_accord_7_i"}, .start = worker::index_start::when_filled};
//   worker::start_index_job(job);
//
// The row appears with the caller's transaction and vanishes with its rollback; the worker starts when the transaction has committed.
// The backfill waits for the index jobs of its migration before it activates the new version, and starts again those that failed or that a
// crash interrupted; no version becomes active before them.
//
// Invariants: a job is run by one worker at a time, the one that holds its lock; only that one writes its end.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "core/name.hpp"
#include "pg/scope.hpp"

namespace accord::worker {

// pg_locks shows the lock of a job as an advisory lock with this objsubid.
inline constexpr int job_lock_space = 19149;

enum class index_start { now, when_filled };

struct index_job {
  std::int64_t migration = 0, contract = 0;
  std::string statement;       // CREATE [UNIQUE] INDEX CONCURRENTLY, DROP INDEX CONCURRENTLY or REINDEX INDEX CONCURRENTLY, names qualified
  core::qualified_name index;  // the index that it makes, drops or rebuilds
  index_start start = index_start::now;
};

// Writes the job down and starts its worker (now), or leaves it to the backfill (when_filled).  Without a free worker slot the job stays
// queued, with a WARNING.  Throws 22023 when the statement is none of the three.
std::int64_t start_index_job(const index_job&);

// Starts the jobs of the kind that nobody works on: left waiting, paused or interrupted by a crash; those that failed too; those that were
// cancelled too.  Those for which no worker is free wait.
enum class which { abandoned, failed_too, cancelled_too };
struct relaunched {
  int found = 0, started = 0;
};
relaunched relaunch_jobs(std::int64_t migration, std::int64_t contract, const char* kind, which);
void require_started(const relaunched&);  // throws 53000 when there are some and no worker is free for any
// Both.  Returns how many were started.
int restart_jobs(std::int64_t migration, std::int64_t contract, const char* kind, which);

struct outstanding {
  std::int64_t underway = 0;   // a worker has it, or will in a moment
  std::int64_t abandoned = 0;  // left waiting or interrupted by a crash: restart_jobs starts it
  std::int64_t failed = 0;     // failed or cancelled
  std::string error;           // of one of the failed ones
  bool any() const { return underway + abandoned + failed > 0; }
};
outstanding outstanding_jobs(std::int64_t migration, std::int64_t contract, const char* kind);

// Ends the jobs of a migration, of one kind or (nullptr) all, those that run now with a cancel; how many.
int cancel_jobs(std::int64_t migration, std::int64_t contract, const char* kind);

// --- for the workers themselves ---

struct job {
  std::int64_t id = 0, migration = 0, contract = 0;
  std::string kind, role;
  int attempts = 0;  // this one included
};

enum class outcome { done, paused, failed };

struct kind {
  const char* name;
  outcome (*run)(const job&, reported_error&);  // outside any transaction
};
// Called once from _PG_init, which runs in the worker too; the list is kept as it is given.
void kinds_init(std::span<const kind>);

// Writes a job down, in state queued; `argument` is JSON text.
std::int64_t create_job(std::int64_t migration, std::int64_t contract, const char* kind, const std::string& argument,
                        const std::string& role);

// Has a worker run a job of this transaction; false: no worker is free, and the job waits.
bool launch_job(std::int64_t id, const std::string& title);

// The lock is the session's, until unlock_job or the end of the process.
bool try_lock_job(std::int64_t id);
void unlock_job(std::int64_t id);

// Marks a queued job as running in this process; empty: it is not there, or not queued any more.
std::optional<job> claim_job(std::int64_t id);

std::optional<std::string> job_argument(std::int64_t id, const char* key);

// The job's end.  Nothing happens if somebody has cancelled it meanwhile.
void finish_job(std::int64_t id, const char* state, const reported_error& = {});

}  // namespace accord::worker
