// See needs.hpp.
#include "server/migration/needs.hpp"

#include <fmt/format.h>

#include "pg/arguments.hpp"
#include "server/migration/locking.hpp"
#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

LOCKMODE mode_of_words(const std::string& lock) {
  static constexpr std::pair<const char*, LOCKMODE> words[] = {{"ACCESS EXCLUSIVE", AccessExclusiveLock},
                                                               {"SHARE UPDATE EXCLUSIVE", ShareUpdateExclusiveLock},
                                                               {"SHARE ROW EXCLUSIVE", ShareRowExclusiveLock},
                                                               {"ROW EXCLUSIVE", RowExclusiveLock}};
  for (auto [name, mode] : words)
    if (lock.starts_with(name)) return mode;
  return NoLock;
}

plan::step_cost cost_of(needs::kind kind, const plan::table_size& size) {
  switch (kind) {
    case needs::kind::backfill:
      return plan::cost_of_backfill(size);
    case needs::kind::index:
      return plan::cost_of_index(size);
    case needs::kind::proof:
      return plan::cost_of_proof(size);
    case needs::kind::catalog:
      break;
  }
  return {0, 0, 0, 0.0};
}

}  // namespace

const plan::table_size& needs::size_of(Oid relation) {
  auto [at, is_new] = sizes_.try_emplace(relation);
  if (!is_new) return at->second;
  auto row = catalog::query(
      "SELECT CASE WHEN bool_and(c.reltuples >= 0) THEN sum(c.reltuples)::bigint END, coalesce(sum(pg_relation_size(c.oid)), 0)::bigint,"
      "       coalesce(sum(pg_indexes_size(c.oid)), 0)::bigint"
      "  FROM pg_class c WHERE c.relkind = 'r' AND c.oid IN ("
      "    WITH RECURSIVE tree(oid) AS (SELECT $1::oid UNION SELECT i.inhrelid FROM pg_inherits i JOIN tree ON i.inhparent = tree.oid)"
      "    SELECT oid FROM tree)",
      {relation})[0];
  if (!row.is_null(0)) at->second.rows = row.integer(0);
  at->second.heap = row.integer(1);
  at->second.indexes = row.integer(2);
  return at->second;
}

const std::string& needs::waits_for(Oid relation, LOCKMODE mode) {
  auto [at, is_new] = holders_.try_emplace({relation, mode});
  if (is_new) at->second = in_the_way(relation, mode);
  return at->second;
}

std::vector<std::optional<std::string>> needs::of(const std::vector<Oid>& tables, kind kind, const std::string& lock) {
  plan::step_cost all{0, 0, 0, 0.0};
  std::string waits;
  LOCKMODE mode = mode_of_words(lock);
  for (Oid table : tables) {
    if (kind != kind::catalog) all = all + cost_of(kind, size_of(table));
    if (mode == NoLock || waits_for(table, mode).empty()) continue;
    waits += (waits.empty() ? "" : "; ") + waits_for(table, mode);
  }
  return {all.rows ? std::optional(std::to_string(*all.rows)) : std::nullopt, std::to_string(all.disk), std::to_string(all.wal),
          all.seconds ? std::optional(fmt::format("{:.3f} seconds", *all.seconds)) : std::nullopt,
          waits.empty() ? std::nullopt : std::optional(waits)};
}

}  // namespace accord::migration

using namespace accord;

// lock_holders(relation regclass, waiting boolean) RETURNS text: behind accord.status
ACCORD_FUNCTION(accord_lock_holders) {
  LOCKMODE mode = DatumGetBool(fcinfo->args[1].value) ? AccessExclusiveLock : RowExclusiveLock;
  auto who = migration::in_the_way(DatumGetObjectId(fcinfo->args[0].value), mode);
  if (!who.empty()) return text_result(who);
  fcinfo->isnull = true;
  return Datum(0);
}
