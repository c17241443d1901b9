// See locking.hpp.
#include "server/migration/locking.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "pg/pause.hpp"
#include "pg/scope.hpp"
#include "pg/spi.hpp"
#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

constexpr int pause_base_ms = 50, pause_cap_ms = 5000;
// A holder older than this is not queued behind; a short transaction is worth a try.
constexpr int old_holder_ms = 1000;

struct holder {
  std::string text;
  std::int64_t age_ms;
};

const char* conflicting_modes(LOCKMODE mode) {
  switch (mode) {
    case ShareUpdateExclusiveLock:
      return "{ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}";
    case ShareRowExclusiveLock:
      return "{RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}";
    default:
      return "{AccessShareLock,RowShareLock,RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,"
             "AccessExclusiveLock}";
  }
}

// Sessions that hold a conflicting lock on the table or one of its partitions; the longest transaction first.
std::vector<holder> holders(Oid relation, LOCKMODE mode) {
  auto rows = catalog::query(
      "SELECT coalesce(format('process %s of role \"%s\"', l.pid, a.usename), 'a prepared transaction'),"
      "       coalesce(extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, a.query_start))::bigint * 1000, 3600000),"
      "       string_agg(DISTINCT l.mode, ', ')"
      "  FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid"
      " WHERE l.locktype = 'relation' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
      "   AND l.pid IS DISTINCT FROM pg_backend_pid() AND l.mode = ANY ($2::text[])"
      "   AND l.relation IN (SELECT $1::oid UNION ALL SELECT relid FROM pg_partition_tree($1::oid))"
      " GROUP BY 1, 2 ORDER BY 2 DESC",
      {relation, conflicting_modes(mode)});
  std::vector<holder> result;
  for (const auto& row : rows)
    result.push_back({fmt::format("{} holds {}", row.text(0), row.text(2)), row.integer(1)});
  return result;
}

std::vector<std::string> referenced_tables(const plan::migration& m) {
  std::vector<std::string> tables;
  for (const auto& c : m.companions)
    if (c.is_key_to_other()) tables.push_back(c.references);
  return tables;
}

[[noreturn]] void give_up(Oid relation, LOCKMODE mode, const lock_limits& limits, int waited) {
  std::string who;
  for (const auto& h : holders(relation, mode))
    who += (who.empty() ? "" : "; ") + h.text;
  const char* name = pg([&] { return get_rel_name(relation); });
  throw failure("55P03", fmt::format("could not lock table \"{}\"", name ? name : ""),
                fmt::format("Other sessions were in the way for {} ms of waiting, {} ms at a time{}.", waited, limits.timeout_ms,
                            who.empty() ? std::string() : ": " + who),
                "Nothing was changed and nobody was cancelled.  Try again when they are done, or allow more with lock_budget.");
}

int milliseconds_of(Interval* interval) {
  double ms = static_cast<double>(interval->time) / 1000.0 + 86400000.0 * (interval->day + 30.0 * interval->month);
  return static_cast<int>(std::clamp(ms, 1.0, 3600000.0));
}

}  // namespace

lock_limits limits_from(FunctionCallInfo fcinfo, int timeout_argument, int budget_argument) {
  lock_limits limits;
  auto read = [&](int argument, int& target) {
    if (fcinfo->nargs > argument && !fcinfo->args[argument].isnull)
      target = milliseconds_of(DatumGetIntervalP(fcinfo->args[argument].value));
  };
  read(timeout_argument, limits.timeout_ms);
  read(budget_argument, limits.budget_ms);
  return limits;
}

void lock_referenced(const plan::migration& m, LOCKMODE mode, const lock_limits& limits) {
  for (const auto& row : catalog::query("SELECT DISTINCT to_regclass(name)::oid AS relation FROM unnest($1::text[]) name"
                                        " WHERE to_regclass(name) IS NOT NULL ORDER BY relation",
                                        {spi::array_literal(referenced_tables(m))}))
    lock_table(row.oid(0), mode, limits);
}

void lock_table(Oid relation, LOCKMODE mode, const lock_limits& limits) {
  int waited = 0;   // while others could queue behind us
  int elapsed = 0;  // altogether; only roughly kept
  int timeout = std::min(limits.timeout_ms, 50);
  for (int attempt = 0;; attempt++) {
    auto in_the_way = attempt == 0 ? std::vector<holder>() : holders(relation, mode);
    if (in_the_way.empty() || in_the_way.front().age_ms < old_holder_ms) {
      reported_error error;
      bool locked = subtransaction(
          [&] {
            local_settings settings;
            settings.set("lock_timeout", std::to_string(timeout).c_str());
            pg([&] {
              LockRelationOid(relation, mode);
              (void)find_all_inheritors(relation, mode, nullptr);
            });
          },
          error);
      if (locked) return;
      if (error.sqlstate != "55P03" && error.sqlstate != "40P01") throw failure(error.sqlstate, error.message, error.detail, error.hint);
      waited += timeout;
      elapsed += timeout;
      timeout = std::min(limits.timeout_ms, timeout * 2);
    }
    int rest = random_up_to(std::min(pause_cap_ms, pause_base_ms << std::min(attempt, 7)));
    elapsed += rest;
    if (waited >= limits.budget_ms || elapsed >= 10 * limits.budget_ms) give_up(relation, mode, limits, waited);
    pause_ms(rest);
  }
}

}  // namespace accord::migration
