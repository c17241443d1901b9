// contracts.  See contracts.hpp.
#include "server/check/contracts.hpp"

#include <algorithm>

#include "pg/spi.hpp"
#include "rule/refusal.hpp"
#include "rule/rows_move.hpp"
#include "rule/rule.hpp"
#include "server/guard/judgement.hpp"

#include "pg/pg.h"

namespace accord::check {

namespace {

bool has_shape(char kind) {
  return kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE || kind == RELKIND_VIEW || kind == RELKIND_MATVIEW ||
         kind == RELKIND_FOREIGN_TABLE;
}

}  // namespace

void contracts::watch(const engine& e) {
  for (const auto& [clone, r] : e.relations()) {
    if (!OidIsValid(r.original) || !has_shape(r.kind)) continue;
    auto p = guard::promise_of(r.original);
    if (!p) continue;
    core::shape shape = world_.capture(clone);
    watched_.emplace(clone, watched{std::move(*p), std::move(shape), {}, guard::columns_of(clone), children_of(clone, e)});
  }
}

std::vector<check_row> contracts::judge(const ddl::statement& s, const effects& what, const engine& e, bool everywhere,
                                        const check_row& base) {
  std::vector<check_row> rows;
  if (watched_.empty()) return rows;
  for (auto w = watched_.begin(); w != watched_.end();) {
    bool locked = std::any_of(what.locks.begin(), what.locks.end(), [&](const lock_taken& l) { return l.clone == w->first; });
    bool gone = !e.relations().contains(w->first);
    if (locked || gone || everywhere) judge(w->first, w->second, s, e, base, rows);
    if (gone) world_.forget(w->first);
    w = gone ? watched_.erase(w) : std::next(w);
  }
  return rows;
}

std::vector<check_row> contracts::foresee(const ddl::statement& s, const check_row& base) const {
  std::vector<check_row> rows;
  auto w = watched_.find(s.relation);
  if (w == watched_.end() || s.changes.empty()) return rows;
  auto findings = guard::foreseen(w->second.p.version.shape, s.changes);
  if (!findings.empty()) say(w->second, findings, s.changes, base, rows);
  return rows;
}

void contracts::judge(Oid clone, watched& w, const ddl::statement& s, const engine& e, const check_row& base,
                      std::vector<check_row>& into) {
  const core::shape& promised = w.p.version.shape;
  if (!e.relations().contains(clone)) {
    change::any_change dropped = change::relation_dropped{w.shape.relation};
    say(w, rule::judge(dropped, promised, promised), {}, base, into);
    return;
  }
  core::shape now = world_.capture(clone);
  auto columns = guard::columns_of(clone);
  auto renames = w.renames;
  std::vector<std::string> replaced;
  for (const auto& [number, before] : w.columns) {
    auto promised_name = before.name;
    for (const auto& [name, current] : w.renames)
      if (current == before.name) promised_name = name;
    if (!promised.find_column(promised_name)) continue;
    auto after = columns.find(number);
    if (after == columns.end())
      replaced.push_back(promised_name);
    else if (after->second.name != before.name)
      renames[promised_name] = after->second.name;
  }
  auto findings = rule::worse(rule::judge(promised, now, renames), rule::judge(promised, w.shape, w.renames));
  // A promised column that is dropped and made again compares equal and is empty.
  for (const auto& name : replaced)
    if (now.find_column(name))
      guard::add_new(findings, rule::judge(change::any_change(change::column_dropped{name, false}), promised, promised));
  // Of what USING does to the values the catalogs know nothing.
  if (s.understood && s.relation == clone)
    for (const auto& change : s.changes)
      if (const auto* retyped = std::get_if<change::column_retyped>(&change);
          retyped && retyped->using_expression && promised.find_column(retyped->column))
        guard::add_new(findings, rule::judge(change, promised, now));
  guard::add_new(findings, moved_rows(clone, w, e));
  if (!findings.empty()) {
    auto changes = s.understood && s.relation == clone ? s.changes : change::diff(promised, now, renames);
    say(w, findings, changes, base, into);
  }
  w.shape = std::move(now);
  w.columns = std::move(columns);
  w.renames = std::move(renames);
}

std::map<Oid, contracts::child> contracts::children_of(Oid clone, const engine& e) {
  std::map<Oid, child> result;
  List* below = pg([&] { return find_all_inheritors(clone, NoLock, nullptr); });
  for (int i = 0; i < list_length(below); i++) {
    auto known = e.relations().find(list_nth_oid(below, i));
    if (list_nth_oid(below, i) == clone || known == e.relations().end()) continue;
    Oid original = known->second.original;  // one that the script made has no rows, as far as can be told
    result[known->first] = {known->second.name.sql(), OidIsValid(original) && bytes_of(original) != 0};
  }
  return result;
}

// Rows that come or go with a partition or a child, as the guard judges them (guard/descendants.hpp).
std::vector<core::finding> contracts::moved_rows(Oid clone, watched& w, const engine& e) {
  std::vector<core::finding> result;
  const core::shape& promised = w.p.version.shape;
  auto now = children_of(clone, e);
  for (const auto& [below, c] : w.below) {
    const bool promised_place = std::any_of(promised.partitions.begin(), promised.partitions.end(),
                                            [&](const std::string& p) { return p.starts_with(c.name + " "); });
    if (!now.contains(below) && (c.has_rows || promised_place)) result.push_back(rule::rows_move(promised, c.name, false));
  }
  for (const auto& [below, c] : now)
    if (!w.below.contains(below) && c.has_rows) result.push_back(rule::rows_move(promised, c.name, true));
  w.below = std::move(now);
  return result;
}

void contracts::say(const watched& w, const std::vector<core::finding>& findings, const std::vector<change::any_change>& changes,
                    const check_row& base, std::vector<check_row>& into) {
  guard::verdict v = guard::decide(w.p, findings);
  for (const auto& f : findings) {
    bool broken = std::find(v.broken.begin(), v.broken.end(), f) != v.broken.end();
    check_row r = base;
    r.severity = broken && v.what == guard::outcome::refused ? "error" : broken ? "warning" : "ok";
    r.rule = f.rule;
    r.element = f.element;
    r.readers = std::string(core::name_of(f.readers));
    r.writers = std::string(core::name_of(f.writers));
    r.consumers = spi::array_literal(registry::visible_consumers(w.p.contract, guard::consumers_of(w.p, {f})));
    if (broken && !changes.empty())
      if (auto sql = rule::stage_call(w.p.contract.name, w.p.version.shape, changes); !sql.empty()) r.safe_sql = sql;
    into.push_back(std::move(r));
  }
}

}  // namespace accord::check
