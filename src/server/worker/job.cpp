// The rows of accord_catalog.job.  See job.hpp.
#include "server/worker/job.hpp"

#include <fmt/format.h>

#include "server/registry/catalog.hpp"
#include "server/worker/launch.hpp"

#include "pg/pg.h"

namespace accord::worker {

namespace {

// Nobody works on it, and nobody is about to.
constexpr const char* abandoned =
    "(NOT EXISTS (SELECT FROM accord_catalog.live_job l WHERE l.id = j.id)"
    " AND (j.state IN ('running', 'paused') OR j.state = 'queued' AND j.id NOT IN (SELECT id FROM accord_catalog.coming_job)))";

LOCKTAG lock_of(std::int64_t id) {
  LOCKTAG tag;
  auto key = static_cast<std::uint64_t>(id);
  SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, static_cast<uint32>(key >> 32), static_cast<uint32>(key), job_lock_space);
  return tag;
}

}  // namespace

std::int64_t create_job(std::int64_t migration, std::int64_t contract, const char* kind, const std::string& argument,
                        const std::string& role) {
  return catalog::query(
             "INSERT INTO accord_catalog.job (migration_id, contract_id, kind, argument, role)"
             " VALUES ($1::bigint, $2::bigint, $3, $4::jsonb, $5::name) RETURNING id",
             {migration, contract, kind, argument, role})
      .front()
      .integer(0);
}

bool launch_job(std::int64_t id, const std::string& title) {
  bool launched = launch(id, title);
  catalog::execute("UPDATE accord_catalog.job SET launched_at = CASE WHEN $2::boolean THEN clock_timestamp() END WHERE id = $1::bigint",
                   {id, launched});
  return launched;
}

relaunched relaunch_jobs(std::int64_t migration, std::int64_t contract, const char* kind, which restarted) {
  auto rows = catalog::query(
      fmt::format("UPDATE accord_catalog.job j SET state = 'queued', finished_at = NULL"
                  " WHERE migration_id = $1::bigint AND contract_id = $2::bigint AND kind = $3"
                  "   AND ($4::boolean AND j.state = 'failed' OR $5::boolean AND j.state = 'cancelled' OR {}) RETURNING j.id",
                  abandoned),
      {migration, contract, kind, restarted != which::abandoned, restarted == which::cancelled_too});
  relaunched result{static_cast<int>(rows.size()), 0};
  for (const auto& row : rows)
    if (launch_job(row.integer(0), fmt::format("pg_accord {} job {}", kind, row.integer(0)))) result.started++;
  return result;
}

void require_started(const relaunched& jobs) {
  if (jobs.started == 0 && jobs.found > 0)
    throw failure("53000", "no background worker is free", fmt::format("Jobs that wait for one: {}.", jobs.found),
                  "Nothing is lost.  Wait for other workers to end, or increase max_worker_processes.");
}

int restart_jobs(std::int64_t migration, std::int64_t contract, const char* kind, which restarted) {
  auto jobs = relaunch_jobs(migration, contract, kind, restarted);
  require_started(jobs);
  return jobs.started;
}

outstanding outstanding_jobs(std::int64_t migration, std::int64_t contract, const char* kind) {
  auto rows = catalog::query(
      fmt::format(
          "SELECT count(*) FILTER (WHERE state IN ('queued', 'running', 'paused') AND NOT abandoned), count(*) FILTER (WHERE abandoned),"
          "       count(*) FILTER (WHERE state IN ('failed', 'cancelled')),"
          "       coalesce(max(message) FILTER (WHERE state IN ('failed', 'cancelled')), '')"
          "  FROM (SELECT j.state, j.message, {} AS abandoned FROM accord_catalog.job j"
          "         WHERE j.migration_id = $1::bigint AND j.contract_id = $2::bigint AND j.kind = $3 AND j.state <> 'done') s",
          abandoned),
      {migration, contract, kind});
  const auto& row = rows.front();
  return {row.integer(0), row.integer(1), row.integer(2), row.text(3)};
}

int cancel_jobs(std::int64_t migration, std::int64_t contract, const char* kind) {
  auto rows = catalog::query(
      "WITH ended AS (UPDATE accord_catalog.job SET state = 'cancelled', finished_at = clock_timestamp()"
      "                WHERE migration_id = $1::bigint AND contract_id = $2::bigint AND state IN ('queued', 'running', 'paused')"
      "                  AND kind = coalesce($3, kind) RETURNING id)"
      " SELECT pg_cancel_backend(l.pid) FROM ended LEFT JOIN accord_catalog.live_job l USING (id)",
      {migration, contract, kind});
  return static_cast<int>(rows.size());
}

bool try_lock_job(std::int64_t id) {
  LOCKTAG tag = lock_of(id);
  return pg([&] { return LockAcquire(&tag, ExclusiveLock, true, true); }) != LOCKACQUIRE_NOT_AVAIL;
}

void unlock_job(std::int64_t id) {
  LOCKTAG tag = lock_of(id);
  pg([&] { LockRelease(&tag, ExclusiveLock, true); });
}

std::optional<job> claim_job(std::int64_t id) {
  auto rows = catalog::query(
      "UPDATE accord_catalog.job SET state = 'running', pid = pg_backend_pid(), attempts = attempts + 1, started_at = clock_timestamp(),"
      "       sqlstate = NULL, message = NULL, detail = NULL, hint = NULL"
      " WHERE id = $1::bigint AND state = 'queued' RETURNING migration_id, contract_id, kind, role, attempts",
      {id});
  if (rows.empty()) return std::nullopt;
  const auto& row = rows.front();
  return job{id, row.integer(0), row.integer(1), row.text(2), row.text(3), static_cast<int>(row.integer(4))};
}

std::optional<std::string> job_argument(std::int64_t id, const char* key) {
  auto rows = catalog::query("SELECT argument ->> $2 FROM accord_catalog.job WHERE id = $1::bigint", {id, key});
  return rows.empty() ? std::nullopt : rows.front().optional(0);
}

void finish_job(std::int64_t id, const char* state, const reported_error& error) {
  auto text = [](const std::string& s) { return s.empty() ? spi::param(std::nullopt) : spi::param(s); };
  catalog::execute(
      "UPDATE accord_catalog.job SET state = $2, sqlstate = $3, message = $4, detail = $5, hint = $6, finished_at = clock_timestamp()"
      " WHERE id = $1::bigint AND state IN ('running', 'paused')",
      {id, state, text(error.sqlstate), text(error.message), text(error.detail), text(error.hint)});
}

}  // namespace accord::worker
