// See locking.hpp.
#include "server/migration/locking.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "pg/pause.hpp"
#include "pg/scope.hpp"
#include "pg/spi.hpp"
#include "server/migration/release_views.hpp"
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
  bool waits_for_us;
};

// CREATE INDEX CONCURRENTLY waits for everybody who has a snapshot, so also for us while we wait for it: one of the two has to give way.
bool waits_for_us(const std::vector<holder>& in_the_way) {
  return std::any_of(in_the_way.begin(), in_the_way.end(), [](const auto& h) { return h.waits_for_us; });
}

struct wanted_lock {
  Oid relation;
  LOCKMODE mode;
};

const char* conflicting_modes(LOCKMODE mode) {
  switch (mode) {
    case RowExclusiveLock:
      return "{ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}";
    case ShareUpdateExclusiveLock:
      return "{ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}";
    case ShareRowExclusiveLock:
      return "{RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}";
    default:
      return "{AccessShareLock,RowShareLock,RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,"
             "AccessExclusiveLock}";
  }
}

// Sessions that hold a conflicting lock on the table or one below it.
void add_holders(std::vector<holder>& result, Oid relation, LOCKMODE mode) {
  auto rows = catalog::query(
      "SELECT CASE WHEN l.pid IS NULL THEN coalesce(format('prepared transaction \"%s\"', x.gid), 'a prepared transaction')"
      "            WHEN a.usename IS NULL THEN format('%s process %s', coalesce(a.backend_type, 'server'), l.pid)"
      "            ELSE format('process %s of role \"%s\"', l.pid, a.usename) END,"
      "       coalesce(extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, a.query_start))::bigint * 1000, 3600000),"
      "       string_agg(DISTINCT l.mode, ', '), coalesce(pg_backend_pid() = ANY (pg_blocking_pids(l.pid)), false)"
      "  FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid"
      "  LEFT JOIN pg_locks t ON l.pid IS NULL AND t.pid IS NULL AND t.locktype = 'transactionid'"
      "                      AND t.virtualtransaction = l.virtualtransaction"
      "  LEFT JOIN pg_prepared_xacts x ON x.transaction = t.transactionid"
      " WHERE l.locktype = 'relation' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
      "   AND l.pid IS DISTINCT FROM pg_backend_pid() AND l.mode = ANY ($2::text[])"
      "   AND l.relation IN (WITH RECURSIVE tree(oid) AS (SELECT $1::oid UNION SELECT i.inhrelid FROM pg_inherits i JOIN tree ON "
      "i.inhparent = tree.oid)"
      "                      SELECT oid FROM tree)"
      " GROUP BY 1, 2, l.pid ORDER BY 2 DESC",
      {relation, conflicting_modes(mode)});
  for (const auto& row : rows) {
    bool waits = row.boolean(3);
    holder found{fmt::format("{} holds {}{}", row.text(0), row.text(2), waits ? " and waits for this session" : ""), row.integer(1), waits};
    if (std::none_of(result.begin(), result.end(), [&](const auto& h) { return h.text == found.text; })) result.push_back(std::move(found));
  }
}

// The longest transaction first.
std::vector<holder> holders(const std::vector<wanted_lock>& wanted) {
  std::vector<holder> result;
  for (auto [relation, mode] : wanted)
    add_holders(result, relation, mode);
  std::stable_sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return a.age_ms > b.age_ms; });
  return result;
}

std::vector<Oid> relations_named(const std::vector<std::string>& names) {
  std::vector<Oid> relations;
  for (const auto& row : catalog::query("SELECT DISTINCT to_regclass(name)::oid AS relation FROM unnest($1::text[]) name"
                                        " WHERE to_regclass(name) IS NOT NULL ORDER BY relation",
                                        {spi::array_literal(names)}))
    relations.push_back(row.oid(0));
  return relations;
}

void add_views(std::vector<wanted_lock>& wanted, const plan::migration& m, Oid table) {
  std::vector<std::string> names;
  for (const auto& version : m.versions)
    names.push_back(version.view.sql());
  for (Oid relation : relations_named(names))
    wanted.push_back({relation, AccessExclusiveLock});
  // Of releases and consumers, whose defaults may have to follow.
  for (Oid relation : views_over(registry::get_contract(table)))
    wanted.push_back({relation, AccessExclusiveLock});
}

void add_other_ends(std::vector<wanted_lock>& wanted, const plan::migration& m, plan::companion_kind kind, LOCKMODE mode) {
  if (mode == NoLock) return;
  for (const auto& child : m.children)
    add_other_ends(wanted, child, kind, mode);
  std::vector<std::string> names;
  for (const auto& c : m.companions)
    if (c.kind == kind) names.push_back(c.references);
  if (kind == plan::companion_kind::foreign_key)
    for (const auto& move : m.moves)
      names.push_back(move.target.sql());
  for (Oid relation : relations_named(names))
    wanted.push_back({relation, mode});
}

std::string text_of_holders(const std::vector<wanted_lock>& wanted) {
  std::string who;
  for (const auto& h : holders(wanted))
    who += (who.empty() ? "" : "; ") + h.text;
  return who;
}

[[noreturn]] void give_up(Oid relation, const std::vector<wanted_lock>& wanted, const lock_limits& limits, int waited) {
  std::string who = text_of_holders(wanted);
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

void lock_together(Oid relation, const std::vector<wanted_lock>& wanted, const lock_limits& limits) {
  // Before anybody is made to wait; and a standby has no such locks.
  pg([] { PreventCommandIfReadOnly("a step of a migration"); });

  int waited = 0;   // while others could queue behind us
  int elapsed = 0;  // altogether; only roughly kept
  int timeout = std::min(limits.timeout_ms, 50);
  for (int attempt = 0;; attempt++) {
    auto in_the_way = attempt == 0 ? std::vector<holder>() : holders(wanted);
    if (waits_for_us(in_the_way)) give_up(relation, wanted, limits, waited);
    if (in_the_way.empty() || in_the_way.front().age_ms < old_holder_ms) {
      reported_error error;
      bool locked = subtransaction(
          [&] {
            local_settings settings;
            settings.set("lock_timeout", std::to_string(timeout).c_str());
            pg([&] {
              for (const auto& lock : wanted) {
                LockRelationOid(lock.relation, lock.mode);
                (void)find_all_inheritors(lock.relation, lock.mode, nullptr);
              }
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
    if (waited >= limits.budget_ms || elapsed >= 10 * limits.budget_ms) give_up(relation, wanted, limits, waited);
    pause_ms(rest);
  }
}

}  // namespace

std::string in_the_way(Oid relation, LOCKMODE mode) {
  return text_of_holders({{relation, mode}});
}

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

void lock_table(Oid relation, LOCKMODE mode, const lock_limits& limits) {
  lock_together(relation, {{relation, mode}}, limits);
}

void lock_tables(const std::vector<Oid>& relations, LOCKMODE mode, const lock_limits& limits) {
  std::vector<wanted_lock> wanted;
  for (Oid relation : relations)
    wanted.push_back({relation, mode});
  lock_together(relations.front(), wanted, limits);
}

void lock_for_step(const std::vector<step_table>& tables, other_ends ends, const lock_limits& limits) {
  std::vector<wanted_lock> wanted;
  for (const auto& table : tables)
    add_views(wanted, *table.m, table.relation);
  for (const auto& table : tables)
    wanted.push_back({table.relation, AccessExclusiveLock});
  for (const auto& table : tables) {
    add_other_ends(wanted, *table.m, plan::companion_kind::foreign_key, ends.referenced);
    add_other_ends(wanted, *table.m, plan::companion_kind::inbound_key, ends.referencing);
  }
  lock_together(tables.front().relation, wanted, limits);
}

void lock_with_referenced(const std::vector<step_table>& tables, LOCKMODE mode, const lock_limits& limits) {
  std::vector<wanted_lock> wanted;
  for (const auto& table : tables)
    wanted.push_back({table.relation, mode});
  for (const auto& table : tables) {
    add_other_ends(wanted, *table.m, plan::companion_kind::foreign_key, mode);
    add_other_ends(wanted, *table.m, plan::companion_kind::inbound_key, mode);
  }
  lock_together(tables.front().relation, wanted, limits);
}

}  // namespace accord::migration
