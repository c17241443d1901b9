// contracts.  See contracts.hpp.
#include "server/check/contracts.hpp"

#include <algorithm>

#include "pg/spi.hpp"
#include "rule/beyond_shape.hpp"
#include "rule/on_child.hpp"
#include "rule/rule.hpp"
#include "rule/stage_call.hpp"
#include "server/guard/descendants.hpp"
#include "server/guard/judgement.hpp"
#include "server/guard/simple_view.hpp"
#include "server/registry/lifecycle.hpp"

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
    auto p = registry::promise_of(r.original);
    if (!p) continue;
    core::shape shape = world_.capture(clone);
    auto earlier = registry::earlier_promises(*p);
    watched_.emplace(clone, watched{std::move(*p),
                                    std::move(earlier),
                                    std::move(shape),
                                    {},
                                    guard::columns_of(clone),
                                    children_of(clone, e),
                                    references_to(clone, e),
                                    {}});
  }
}

std::vector<check_row> contracts::judge(const ddl::statement& s, const effects& what, const engine& e, bool everywhere,
                                        const check_row& base) {
  std::vector<check_row> rows;
  if (watched_.empty()) return rows;
  for (auto w = watched_.begin(); w != watched_.end();) {
    bool locked = std::any_of(what.locks.begin(), what.locks.end(), [&](const lock_taken& l) { return l.clone == w->first; });
    bool gone = !e.relations().contains(w->first);
    if (!gone && !OidIsValid(e.relations().at(w->first).original)) locked = true;  // the script made it, and its locks are nobody's
    const bool own = s.understood && s.relation == w->first;
    if (locked || gone || everywhere) judge(w->first, w->second, own ? &s.changes : nullptr, e, base, rows);
    if (gone) world_.forget(w->first);
    w = gone ? watched_.erase(w) : std::next(w);
  }
  return rows;
}

std::vector<check_row> contracts::foresee(const ddl::statement& s, const check_row& base) const {
  std::vector<check_row> rows;
  auto w = watched_.find(s.relation);
  if (w == watched_.end() || s.changes.empty()) return rows;
  say_all(w->second.p, guard::foreseen(w->second.p, s.changes), s.changes, base, rows);
  return rows;
}

bool contracts::note(const ddl::statement& s) {
  auto w = watched_.find(s.relation);
  if (w == watched_.end()) return false;
  if (s.understood) guard::add_new(w->second.lost, guard::lost_values(w->second.p, s.changes));
  return true;
}

std::vector<check_row> contracts::judge_all(const engine& e, const check_row& base) {
  std::vector<check_row> rows;
  std::map<Oid, watched> after;
  for (auto& [clone, w] : watched_) {
    const Oid successor = successor_of(clone, w, e), now = OidIsValid(successor) ? successor : clone;
    if (OidIsValid(successor))
      judge_successor(successor, w, e, base, rows);
    else
      judge(clone, w, nullptr, e, base, rows);
    w.lost.clear();
    if (e.relations().contains(now))
      after.insert_or_assign(now, std::move(w));
    else
      world_.forget(clone);
  }
  watched_ = std::move(after);
  return rows;
}

// The relation that has the contract's name, where it is another one now, as guard/pending_judgement has it.
Oid contracts::successor_of(Oid clone, const watched& w, const engine& e) {
  auto own = e.relations().find(clone);
  const auto& name = w.p.contract.name;
  if (own != e.relations().end() && own->second.name == name) return InvalidOid;
  for (const auto& [other, r] : e.relations())
    if (r.name == name && has_shape(r.kind) && !registry::has_views(w.p.contract.id)) return other;
  return InvalidOid;
}

void contracts::judge_successor(Oid clone, watched& w, const engine& e, const check_row& base, std::vector<check_row>& into) {
  auto acting = guard::as_it_acts(clone, w.p.version.shape, [&](Oid relation) { return world_.capture(relation); });
  const bool other_children = w.p.version.shape.kind == "table" && w.below.empty() == guard::is_inherited_from(clone);
  auto worse_for = [&](const registry::promise& p) {
    auto level = p.contract.level;
    auto findings =
        rule::worse(guard::judged(p.version.shape, acting.shape, {}, level), guard::judged(p.version.shape, w.shape, w.renames, level));
    rule::forget_policies(acting.shape, findings);
    guard::add_new(findings, acting.findings);
    guard::add_new(findings, w.lost);
    if (other_children) guard::add_new(findings, {rule::other_children(p.version.shape, w.below.empty())});
    return findings;
  };
  guard::charges c;
  c.worse = worse_for(w.p);
  for (const auto& e : w.earlier)
    c.earlier.push_back({e, worse_for(e)});
  const std::size_t first = into.size();
  say_all(w.p, c, {}, base, into);
  if (auto defaults = guard::missing_defaults(acting, w.p, c.worse); !defaults.empty())
    for (std::size_t i = first; i < into.size(); i++)
      into[i].safe_sql = defaults;
  w.shape = world_.capture(clone);
  w.columns = guard::columns_of(clone);
  w.renames.clear();
  w.below = children_of(clone, e);
  w.references = references_to(clone, e);
}

void contracts::judge(Oid clone, watched& w, const std::vector<change::any_change>* changes, const engine& e, const check_row& base,
                      std::vector<check_row>& into) {
  const core::shape& promised = w.p.version.shape;
  if (!e.relations().contains(clone)) {
    change::any_change dropped = change::relation_dropped{w.shape.relation};
    guard::charges c;
    c.worse = rule::judge(dropped, promised, promised);
    for (const auto& e : w.earlier)
      c.earlier.push_back({e, rule::judge(dropped, e.version.shape, e.version.shape)});
    say_all(w.p, c, {}, base, into);
    return;
  }
  core::shape now = world_.capture(clone);
  auto columns = guard::columns_of(clone);
  auto renames = w.renames;
  std::vector<std::string> replaced, of_another_type, of_the_same_type;
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
    else if (after->second.type != before.type)
      of_another_type.push_back(before.name);
    else if (after->second.typmod == before.typmod && after->second.collation == before.collation)
      of_the_same_type.push_back(before.name);
  }
  auto moved = moved_rows(clone, w, e);
  auto worse_for = [&](const registry::promise& p) {
    const core::shape& version = p.version.shape;
    auto level = p.contract.level;
    auto findings = rule::worse(guard::judged(version, now, renames, level), guard::judged(version, w.shape, w.renames, level));
    // A promised column that is dropped and made again compares equal and is empty.
    for (const auto& name : replaced)
      if (now.find_column(name) && version.find_column(name))
        guard::add_new(findings, rule::judge(change::any_change(change::column_dropped{name, false}), version, version));
    guard::add_new(findings, guard::remade_types(version, w.shape, now, of_another_type));
    guard::tell_renamed_types(findings, version, w.shape, now, of_the_same_type);
    // Of what USING does to the values, and of the order of keys, the catalogs know nothing.
    if (changes) {
      for (const auto& change : *changes)
        if (const auto* retyped = std::get_if<change::column_retyped>(&change);
            retyped && retyped->using_expression && version.find_column(retyped->column))
          guard::add_new(findings, rule::judge(change, version, now));
      guard::add_new(findings, guard::keys_made_again(w.p.contract.relation, version, *changes));
    }
    guard::add_new(findings, w.lost);
    guard::add_new(findings, moved);
    return findings;
  };
  guard::charges c;
  c.worse = worse_for(w.p);
  for (const auto& e : w.earlier)
    c.earlier.push_back({e, worse_for(e)});
  add_references(clone, w, e, c);
  say_all(w.p, c, changes ? *changes : change::diff(promised, now, renames), base, into);
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
    result[known->first] = {known->second.name.sql(), OidIsValid(original) && bytes_of(original) != 0, guard::retires(known->first)};
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
    if (c.retires && w.p.contract.partitions_may_go) continue;
    if (!now.contains(below) && (c.has_rows || promised_place)) result.push_back(rule::rows_move(promised, c.name, false));
  }
  for (const auto& [below, c] : now)
    if (!w.below.contains(below)) {
      if (c.has_rows) result.push_back(rule::rows_move(promised, c.name, true));
      if (auto d = guard::diverted_to(below, clone, [&](Oid one) { return w.below.contains(one); })) {
        const core::shape from = world_.capture(d->from);
        guard::add_new(result, rule::diverted(promised, from, world_.capture(d->to)));
      }
    }
  w.below = std::move(now);
  return result;
}

std::vector<consumers::reference_to> contracts::references_to(Oid clone, const engine& e) {
  auto result = consumers::references_to(clone);
  std::erase_if(result, [&](const auto& r) { return !e.relations().contains(r.by); });
  for (auto& r : result)
    r.name = e.relations().at(r.by).name;
  return result;
}

// What comes to refer to it, as guard/foreign_key judges that: nothing is said where nobody is known to meet it.
void contracts::add_references(Oid clone, watched& w, const engine& e, guard::charges& c) {
  auto now = references_to(clone, e);
  for (const auto& r : now) {
    auto says_as_much = [&](const consumers::reference_to& before) {
      return before.by == r.by && before.own == r.own && before.columns == r.columns &&
             (!rule::gives_way(before.on_delete) || rule::gives_way(r.on_delete)) &&
             (!rule::gives_way(before.on_update) || rule::gives_way(r.on_update));
    };
    if (std::any_of(w.references.begin(), w.references.end(), says_as_much)) continue;
    for (const auto& f : rule::table_referenced(w.p.version.shape, {r.name.name, r.columns, r.on_delete, r.on_update})) {
      bool hits = !guard::consumers_of(w.p, {f}).empty() || std::any_of(w.earlier.begin(), w.earlier.end(), [&](const auto& earlier) {
        return !guard::consumers_of(earlier, {f}).empty();
      });
      if (hits) c.add(f);
    }
  }
  w.references = std::move(now);
}

namespace {

bool is_same(const core::finding& a, const core::finding& b) {
  return a.rule == b.rule && a.element == b.element && a.columns == b.columns && a.on_rollback == b.on_rollback;
}

bool is_among(const core::finding& f, const std::vector<core::finding>& findings) {
  return std::any_of(findings.begin(), findings.end(), [&](const core::finding& other) { return is_same(f, other); });
}

// Whom it hits, of the version's consumers and of those of earlier ones.
std::vector<std::string> consumers_hit(const registry::promise& p, const guard::charges& c, const core::finding& f) {
  auto names = guard::consumers_of(p, {f});
  for (const auto& e : c.earlier)
    for (const auto& same : e.worse)
      if (is_same(f, same))
        for (auto& name : guard::consumers_of(e.p, {same}))
          names.push_back(std::move(name));
  return names;
}

// What a rule says of one element, however many findings it takes: those who use the column are hit in another way than those who leave it out.
struct told {
  const core::finding* first;
  core::effect readers, writers;
  bool broken;
  std::vector<std::string> consumers;

  bool is_of(const core::finding& f) const {
    return first->rule == f.rule && first->element == f.element && first->on_rollback == f.on_rollback;
  }
  void add(const core::finding& f, bool breaks, const std::vector<std::string>& hit) {
    readers = std::max(readers, f.readers);
    writers = std::max(writers, f.writers);
    broken = broken || breaks;
    consumers.insert(consumers.end(), hit.begin(), hit.end());
  }
};

}  // namespace

void contracts::say_all(const registry::promise& p, const guard::charges& c, const std::vector<change::any_change>& changes,
                        const check_row& base, std::vector<check_row>& into) {
  say(p, c, changes, base, into);
  for (const auto& e : c.earlier) {
    guard::charges rest;
    for (const auto& f : e.worse)
      if (!is_among(f, c.worse)) rest.worse.push_back(f);
    say(e.p, rest, changes, base, into);
  }
}

void contracts::say(const registry::promise& p, const guard::charges& c, const std::vector<change::any_change>& changes,
                    const check_row& base, std::vector<check_row>& into) {
  if (c.worse.empty()) return;
  std::vector<std::string> earlier;
  for (const auto& e : c.earlier)
    for (auto& name : guard::consumers_of(e.p, e.worse))
      earlier.push_back(std::move(name));
  guard::verdict v = guard::decide(p, c.worse, earlier);
  std::vector<told> all;
  for (const auto& f : c.worse) {
    auto same = std::find_if(all.begin(), all.end(), [&](const told& t) { return t.is_of(f); });
    if (same == all.end()) same = all.insert(all.end(), {&f, f.readers, f.writers, false, {}});
    same->add(f, is_among(f, v.broken), consumers_hit(p, c, f));  // those are without what the level does not promise
  }
  for (auto& t : all) {
    std::sort(t.consumers.begin(), t.consumers.end());
    t.consumers.erase(std::unique(t.consumers.begin(), t.consumers.end()), t.consumers.end());
    check_row r = base;
    r.severity = t.broken && v.what == guard::outcome::refused ? "error" : t.broken ? "warning" : "ok";
    r.rule = t.first->rule;
    r.element = t.first->element;
    r.readers = std::string(core::name_of(t.readers));
    r.writers = std::string(core::name_of(t.writers));
    r.consumers = spi::array_literal(registry::visible_consumers(p.contract, t.consumers));
    if (t.broken && !changes.empty())
      if (auto sql = rule::stage_call(p.contract.name, p.version.shape, changes); !sql.empty()) r.safe_sql = sql;
    into.push_back(std::move(r));
  }
}

}  // namespace accord::check
