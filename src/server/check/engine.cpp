// engine.  See engine.hpp.
#include "server/check/engine.hpp"

#include <algorithm>

#include "pg/spi.hpp"

#include "pg/pg.h"

namespace accord::check {

namespace {

// Ends a subtransaction that is to leave nothing, and means no error.
constexpr const char* undone = "AC999";

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
           "SELECT c.oid, s.original, c.relname, c.relkind, c.relfilenode, coalesce(i.indrelid, 0), coalesce(o.oid, 0)"
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
    r.original = row.oid(6);
    now_.emplace(row.oid(0), std::move(r));
  }
  for (auto& [clone, r] : now_)
    r.scans = scans_of_table(clone, now_);
  release_locks();
}

void engine::release_locks() {
  for (const auto& [oid, lock] : own_locks()) {
    auto facts = facts_of(oid);
    if (facts && !facts->schema.starts_with("accord_check_") && !facts->schema.starts_with("pg_toast")) continue;
    for (LOCKMODE mode = AccessShareLock; mode <= AccessExclusiveLock; mode++)
      if (new_modes(oid, lock) & LOCKBIT_ON(mode)) release(oid, mode);
  }
}

unsigned engine::new_modes(Oid relation, const locked_relation& lock) const {
  auto before = held_before_.find(relation);
  return before == held_before_.end() ? lock.held : lock.held & ~before->second.held;
}

// Of the table itself and by its indexes.
std::int64_t engine::scans_of_table(Oid clone, const std::map<Oid, relation>& among) {
  std::int64_t scans = scans_of(clone);
  for (const auto& [oid, r] : among)
    if (r.table == clone) scans += scans_of(oid);
  return scans;
}

effects engine::measure(bool keep) {
  effects e;
  std::map<Oid, LOCKMODE> locks;
  std::map<Oid, relation> after;
  std::vector<Oid> gone;
  for (const auto& [oid, lock] : own_locks()) {
    auto known = now_.find(oid);
    if (auto facts = facts_of(oid)) {
      std::string original = names_.original_of(facts->schema);
      if (original == facts->schema && !facts->schema.starts_with("accord_check_")) {
        bool ours = names_.is_made(facts->schema) || facts->schema == "accord_catalog" || facts->schema == "accord" ||
                    facts->schema.starts_with("pg_");
        // What has no clone must not be touched: a check that would lock a user's table is worse than none.
        if (!ours && new_modes(oid, lock) >= LOCKBIT_ON(RowShareLock))
          throw core::failure(no_copy, "the statement reaches relation \"" + facts->name + "\", of which there is no copy");
        continue;
      }
      relation r;
      if (known != now_.end()) r = known->second;
      r.name = {original, facts->name};
      r.kind = facts->kind;
      r.file = facts->file;
      r.table = facts->table;
      after[oid] = std::move(r);
    } else if (known != now_.end()) {
      gone.push_back(oid);
    }
    if (known != now_.end() && OidIsValid(known->second.original)) locks[oid] = lock.strongest;
  }
  for (auto& [oid, r] : after) {
    if (r.kind != RELKIND_RELATION && r.kind != RELKIND_MATVIEW) continue;
    r.scans = scans_of_table(oid, after);
    for (const auto& [index, known] : now_)  // of those that it did not lock
      if (known.table == oid && !after.contains(index) && !std::binary_search(gone.begin(), gone.end(), index)) r.scans += scans_of(index);
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
