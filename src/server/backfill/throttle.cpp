// Signals of the throttle.  See throttle.hpp.
#include "server/backfill/throttle.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "server/backfill/job.hpp"
#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

// A slot that is about to lose its WAL, an autovacuum that must not be held up.
constinit spi::prepared signals{
    "SELECT reason FROM ("
    "  SELECT 2, pg_catalog.format('replication slot \"%s\", which is about to lose WAL that it needs', slot_name)"
    "    FROM pg_catalog.pg_replication_slots WHERE wal_status = 'unreserved'"
    "  UNION ALL"
    "  SELECT 3, 'autovacuum that prevents wraparound'"
    "    FROM pg_catalog.pg_stat_activity a JOIN pg_catalog.pg_locks l USING (pid)"
    "   WHERE a.backend_type = 'autovacuum worker' AND a.query LIKE '%(to prevent wraparound)' AND l.relation = $1::oid) s(rank, reason)"
    " ORDER BY rank LIMIT 1"};

// What is behind the end of the WAL, with what it says of its lag itself.
constinit spi::prepared standbys{
    "SELECT application_name, (replay_lsn - '0/0')::bigint, (pg_catalog.pg_current_wal_flush_lsn() - '0/0')::bigint,"
    "       coalesce(extract(epoch FROM replay_lag), 0)::double precision, extract(epoch FROM $1::interval)::double precision"
    "  FROM pg_catalog.pg_stat_replication WHERE state IN ('streaming', 'catchup') AND replay_lsn IS NOT NULL ORDER BY application_name"};

constinit spi::prepared not_archived{"SELECT count(*) FROM pg_catalog.pg_ls_archive_statusdir() WHERE name LIKE '%.ready'"};
constexpr int most_not_archived = 32;  // files of WAL

constinit spi::prepared waiters{
    "SELECT EXISTS (SELECT FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_database d ON d.oid = l.database AND d.datname = "
    "current_database()"
    "                WHERE l.relation = $1::oid AND NOT l.granted)"};

}  // namespace

std::optional<std::string> backfill_throttle::lagging_standby() {
  if (!max_lag_) return std::nullopt;
  double now = std::chrono::duration<double>(read_at_.time_since_epoch()).count();
  std::optional<std::string> reason;
  for (const auto& row : catalog::run(standbys, {max_lag_})) {
    auto replayed = static_cast<std::uint64_t>(row.integer(1)), end_of_wal = static_cast<std::uint64_t>(row.integer(2));
    lag_.note(now, end_of_wal);
    if (replayed >= end_of_wal) continue;
    double behind = std::max(lag_.behind(now, replayed), std::stod(row.text(3)));
    if (behind > std::stod(row.text(4)) && !reason)
      reason = fmt::format("replication lag of {:.0f} s on standby \"{}\"", behind, row.text(0));
  }
  return reason;
}

// An archive that cannot keep up, or fails: WAL would fill the disk.
std::optional<std::string> backfill_throttle::unarchived_wal() {
  if (!pg([] { return XLogArchivingActive(); })) return std::nullopt;
  if (read_at_ - archive_read_at_ < std::chrono::seconds(2)) return archive_reason_;
  archive_read_at_ = read_at_;
  auto files = catalog::run(not_archived)[0].integer(0);
  archive_reason_ =
      files > most_not_archived ? std::optional(fmt::format("{} files of WAL that are not archived yet", files)) : std::nullopt;
  return archive_reason_;
}

std::optional<std::string> backfill_throttle::reason_to_wait(Oid heap) {
  bool in_demand = pg([&] {
    LOCKTAG tag;
    SET_LOCKTAG_RELATION(tag, MyDatabaseId, heap);
    return LockWaiterCount(&tag) > 0;  // holders of stronger locks count too: only then is it worth asking who waits
  });
  if (in_demand && catalog::run(waiters, {heap})[0].boolean(0))
    return fmt::format("somebody who waits for a lock on \"{}\"", relation_display(heap));
  auto now = std::chrono::steady_clock::now();
  if (now - read_at_ < std::chrono::milliseconds(250)) return last_;
  read_at_ = now;
  last_ = lagging_standby();
  if (!last_) last_ = unarchived_wal();
  if (last_) return last_;
  auto rows = catalog::run(signals, {heap});
  last_ = rows.empty() ? std::nullopt : rows[0].optional(0);
  return last_;
}

}  // namespace accord::migration
