// engine.  See engine.hpp.
#include "server/check/engine.hpp"

#include <algorithm>

#include "pg/spi.hpp"

#include "pg/pg.h"

namespace accord::check {

namespace {

// Ends a subtransaction that is to leave nothing, and means no error.
constexpr const char* undone = "AC999";

LOCKMODE mode_of(const std::string& name) {
  for (LOCKMODE mode = AccessShareLock; mode <= AccessExclusiveLock; mode++)
    if (name == GetLockmodeName(DEFAULT_LOCKMETHOD, mode)) return mode;
  return NoLock;
}

void release(Oid relation, LOCKMODE mode) {
  pg([&] {
    LOCKTAG tag;
    SET_LOCKTAG_RELATION(tag, MyDatabaseId, relation);
    // A sequence's lock belongs to the whole transaction.
    ResourceOwner current = CurrentResourceOwner, owners[] = {current, TopTransactionResourceOwner};
    for (ResourceOwner owner : owners) {
      CurrentResourceOwner = owner;
      while (ACCORD_LOCK_HELD(&tag, mode))
        if (!LockRelease(&tag, mode, false)) break;
    }
    CurrentResourceOwner = current;
  });
}

#define ACCORD_SCANS_OF               \
  " pg_stat_get_xact_numscans(c.oid)" \
  " + coalesce((SELECT sum(pg_stat_get_xact_numscans(x.indexrelid)) FROM pg_index x WHERE x.indrelid = c.oid), 0) "

}  // namespace

std::string mode_name(LOCKMODE mode) {
  static constexpr const char* names[] = {"",      "ACCESS SHARE",        "ROW SHARE", "ROW EXCLUSIVE",   "SHARE UPDATE EXCLUSIVE",
                                          "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE"};
  return names[mode];
}

bool effects::has(const std::vector<Oid>& what, Oid clone) {
  return std::find(what.begin(), what.end(), clone) != what.end();
}

void engine::begin() {
  pinned_search_path path;
  std::vector<std::string> twins, originals;
  for (const auto& [original, twin] : names_.twins()) {
    originals.push_back(original);
    twins.push_back(twin);
  }
  for (const auto& row : spi::query(
           "SELECT c.oid, s.original, c.relname, c.relkind, c.relfilenode, coalesce(i.indrelid, 0)," ACCORD_SCANS_OF ", coalesce(o.oid, 0)"
           "  FROM unnest($1::name[], $2::name[]) s(twin, original)"
           "  JOIN pg_namespace n ON n.nspname = s.twin JOIN pg_class c ON c.relnamespace = n.oid"
           "  LEFT JOIN pg_index i ON i.indexrelid = c.oid"
           "  LEFT JOIN (pg_namespace m JOIN pg_class o ON o.relnamespace = m.oid) ON m.nspname = s.original AND o.relname = c.relname",
           {spi::array_literal(twins), spi::array_literal(originals)})) {
    relation r;
    r.name = {row.text(1), row.text(2)};
    r.kind = row.text(3)[0];
    r.file = row.oid(4);
    r.table = row.oid(5);
    r.scans = row.integer(6);
    r.original = row.oid(7);
    now_.emplace(row.oid(0), std::move(r));
  }
  release_locks();
}

void engine::release_locks() {
  pinned_search_path path;
  static constinit spi::prepared statement{
      "SELECT l.relation, l.mode FROM pg_locks l LEFT JOIN pg_class c ON c.oid = l.relation LEFT JOIN pg_namespace n ON n.oid = "
      "c.relnamespace"
      " WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.relation >= 16384"
      "   AND (c.oid IS NULL OR n.nspname LIKE 'accord\\_check\\_%' OR n.nspname LIKE 'pg\\_toast%')"};
  for (const auto& row : statement.run())
    release(row.oid(0), mode_of(row.text(1)));
}

effects engine::measure(bool keep) {
  pinned_search_path path;
  static constinit spi::prepared statement{
      "SELECT l.relation, l.mode, n.nspname, c.relname, c.relkind, c.relfilenode, coalesce(i.indrelid, 0)," ACCORD_SCANS_OF
      "  FROM pg_locks l LEFT JOIN pg_class c ON c.oid = l.relation LEFT JOIN pg_namespace n ON n.oid = c.relnamespace"
      "  LEFT JOIN pg_index i ON i.indexrelid = c.oid"
      " WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.relation >= 16384"};
  effects e;
  std::map<Oid, LOCKMODE> locks;
  std::map<Oid, relation> after;
  std::vector<Oid> gone;
  for (const auto& row : statement.run()) {
    Oid oid = row.oid(0);
    LOCKMODE mode = mode_of(row.text(1));
    auto known = now_.find(oid);
    if (row.is_null(2)) {
      if (known != now_.end()) gone.push_back(oid);
    } else {
      const std::string& schema = row.text(2);
      std::string original = names_.original_of(schema);
      if (original == schema && !schema.starts_with("accord_check_")) {
        bool ours = names_.is_made(schema) || schema == "accord_catalog" || schema == "accord" || schema.starts_with("pg_");
        // What has no clone must not be touched: a check that would lock a user's table is worse than none.
        if (!ours && mode > AccessShareLock)
          throw core::failure(no_copy, "the statement reaches relation \"" + row.text(3) + "\", of which there is no copy");
        continue;
      }
      relation r;
      if (known != now_.end()) r = known->second;
      r.name = {original, row.text(3)};
      r.kind = row.text(4)[0];
      r.file = row.oid(5);
      r.table = row.oid(6);
      r.scans = row.integer(7);
      after[oid] = std::move(r);
    }
    if (known != now_.end() && OidIsValid(known->second.original)) locks[oid] = std::max(locks[oid], mode);
  }
  for (const auto& [oid, mode] : locks)
    if (mode > AccessShareLock)
      e.locks.push_back({oid, mode});
    else
      e.read.push_back(oid);
  std::stable_sort(e.locks.begin(), e.locks.end(), [&](const lock_taken& a, const lock_taken& b) {
    return a.mode != b.mode ? a.mode > b.mode : now_.at(a.clone).name < now_.at(b.clone).name;
  });
  for (auto& [oid, r] : after) {
    auto known = now_.find(oid);
    if (known == now_.end()) continue;
    const relation& was = known->second;
    bool heap = r.kind == RELKIND_RELATION || r.kind == RELKIND_MATVIEW;
    if (OidIsValid(was.original)) {
      if (heap && r.file != was.file) e.rewritten.push_back(oid);
      if (heap && r.scans > was.scans) e.scanned.push_back(oid);
    }
  }
  for (auto& [oid, r] : after)
    if (auto known = now_.find(oid); known != now_.end() && r.kind == RELKIND_INDEX && r.file != known->second.file &&
                                     OidIsValid(known->second.original) && !effects::has(e.rewritten, r.table))
      e.rebuilt.push_back(oid);
  before_ = now_;
  for (auto& [oid, r] : after) {
    if (keep) {
      now_[oid] = std::move(r);
    } else if (auto known = now_.find(oid); known != now_.end()) {
      known->second.scans = r.scans;  // counters know no rollback
    }
  }
  if (keep)
    for (Oid oid : gone)
      now_.erase(oid);
  return e;
}

bool engine::run(const std::function<void()>& statement, effects& e, reported_error& error) {
  bool done = subtransaction(
      [&] {
        statement();
        e = measure(true);
      },
      error);
  if (done) release_locks();
  return done;
}

bool engine::probe(const std::function<void()>& statement, effects& e, reported_error& error) {
  (void)subtransaction(
      [&] {
        statement();
        e = measure(false);
        throw core::failure(undone, "");
      },
      error);
  return error.sqlstate == undone;
}

}  // namespace accord::check
