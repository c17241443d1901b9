// Signals of the throttle.  See backfill_throttle.hpp.
#include "server/migration/backfill_throttle.hpp"

#include <fmt/format.h>

#include "server/migration/backfill_job.hpp"
#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

// A standby that lags, a slot that is about to lose its WAL, an autovacuum that must not be held up.
constinit spi::prepared signals{
    "SELECT reason FROM ("
    "  SELECT 1, pg_catalog.format('replication lag of %s on standby \"%s\"', date_trunc('second', replay_lag), application_name)"
    "    FROM pg_catalog.pg_stat_replication WHERE replay_lag > $1::interval AND state = 'streaming'"
    "  UNION ALL"
    "  SELECT 2, pg_catalog.format('replication slot \"%s\", which is about to lose WAL that it needs', slot_name)"
    "    FROM pg_catalog.pg_replication_slots WHERE wal_status = 'unreserved'"
    "  UNION ALL"
    "  SELECT 3, 'autovacuum that prevents wraparound'"
    "    FROM pg_catalog.pg_stat_activity a JOIN pg_catalog.pg_locks l USING (pid)"
    "   WHERE a.backend_type = 'autovacuum worker' AND a.query LIKE '%(to prevent wraparound)' AND l.relation = $2::oid) s(rank, reason)"
    " ORDER BY rank LIMIT 1"};

constinit spi::prepared waiters{
    "SELECT EXISTS (SELECT FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_database d ON d.oid = l.database AND d.datname = "
    "current_database()"
    "                WHERE l.relation = $1::oid AND NOT l.granted)"};

}  // namespace

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
  auto rows = catalog::run(signals, {max_lag_, heap});
  last_ = rows.empty() ? std::nullopt : rows[0].optional(0);
  return last_;
}

}  // namespace accord::migration
