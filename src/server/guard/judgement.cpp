// judgement.  See judgement.hpp.
#include "server/guard/judgement.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/name.hpp"
#include "core/text.hpp"
#include "rule/beyond_shape.hpp"
#include "rule/rule.hpp"
#include "server/guard/publication.hpp"
#include "server/guard/waiver.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/lifecycle.hpp"
#include "server/registry/publish.hpp"

#include "pg/pg.h"

namespace accord::guard {

namespace {

change::renames renames_in(const std::vector<change::any_change>& changes) {
  change::renames result;
  for (const auto& change : changes)
    if (const auto* renamed = std::get_if<change::column_renamed>(&change)) result[renamed->column] = renamed->to;
  return result;
}

// Dropping a column and adding one of the same name leaves a shape that compares equal, and loses every value.
bool loses_values(const change::any_change& change) {
  if (const auto* retyped = std::get_if<change::column_retyped>(&change)) return retyped->using_expression.has_value();
  return std::holds_alternative<change::column_dropped>(change) || std::holds_alternative<change::relation_dropped>(change);
}

// A column made again: who knew the old one is told that it is gone, and nobody else can miss what was filled in there.
void forget_default(std::vector<core::finding>& findings, const std::string& column) {
  const std::string element = fmt::format("column \"{}\"", column);
  std::erase_if(findings, [&](const core::finding& f) { return f.element == element && f.rule.starts_with("default-"); });
}

}  // namespace

void add_new(std::vector<core::finding>& to, std::vector<core::finding> more) {
  for (auto& f : more) {
    auto same = std::find_if(to.begin(), to.end(), [&](const core::finding& known) {
      return known.rule == f.rule && known.element == f.element && known.columns == f.columns;
    });
    if (same == to.end())
      to.push_back(std::move(f));
    else if (f.readers > same->readers || f.readers_at < same->readers_at)
      *same = std::move(f);
  }
}

namespace {

// The renames that concern columns of this shape.
change::renames known_to(const core::shape& shape, change::renames renames) {
  std::erase_if(renames, [&](const auto& r) { return !shape.find_column(r.first); });
  return renames;
}

// `base` is the shape that the relation has; the promised one is that, or an earlier one.
std::vector<core::finding> foreseen_of(Oid relation, const core::shape& promised, const core::shape& base, const core::shape& after,
                                       const std::vector<change::any_change>& changes, core::contract_level level) {
  auto findings = judged(promised, after, known_to(promised, renames_in(changes)), level);
  if (&promised != &base) findings = rule::worse(findings, judged(promised, base, {}, level));
  for (const auto& change : changes) {
    const auto* dropped = std::get_if<change::column_dropped>(&change);
    if (dropped) forget_default(findings, dropped->column);
    if (dropped && !promised.find_column(dropped->column)) continue;
    if (loses_values(change)) add_new(findings, rule::judge(change, promised, after));
  }
  add_new(findings, keys_made_again(relation, promised, changes));
  return findings;
}

struct replaced_columns {
  std::vector<std::string> names;  // gone, though another may have the name now
  std::vector<std::string> of_another_type, of_the_same_type;
  change::renames renames;
};

replaced_columns replaced_in(const watched& w) {
  // Columns are followed by number, so a rename is told from a drop whatever statement made it.
  stored_columns columns = columns_of(w.relation);
  replaced_columns result;
  for (const auto& [number, before] : w.columns) {
    auto now = columns.find(number);
    if (now == columns.end())
      result.names.push_back(before.name);
    else if (now->second.name != before.name)
      result.renames[before.name] = now->second.name;
    else if (now->second.type != before.type)
      result.of_another_type.push_back(before.name);
    else if (now->second.typmod == before.typmod && now->second.collation == before.collation)
      result.of_the_same_type.push_back(before.name);
  }
  return result;
}

// What was granted to a role is nothing to grant once it owns the relation.
void forget_owner(std::vector<core::finding>& findings, Oid relation) {
  static constinit spi::prepared statement{"SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = $1::oid"};
  auto revoked = [](const core::finding& f) { return f.rule == "privilege-revoked"; };
  if (std::none_of(findings.begin(), findings.end(), revoked)) return;
  auto rows = catalog::run(statement, {relation});
  if (rows.empty()) return;
  const std::vector<std::string> owner{rows.front().text(0)};
  std::erase_if(findings, [&](const core::finding& f) { return revoked(f) && f.roles == owner; });
}

std::vector<core::finding> seen_of(const core::shape& promised, const core::shape& now, const watched& w, const replaced_columns& replaced,
                                   core::contract_level level) {
  auto findings = rule::worse(judged(promised, now, known_to(promised, replaced.renames), level), judged(promised, w.before, {}, level));
  for (const auto& name : replaced.names)
    if (promised.find_column(name) && now.find_column(name)) {
      forget_default(findings, name);
      add_new(findings, rule::judge(change::any_change(change::column_dropped{name, false}), promised, now));
    }
  add_new(findings, remade_types(promised, w.before, now, replaced.of_another_type));
  tell_renamed_types(findings, promised, w.before, now, replaced.of_the_same_type);
  forget_owner(findings, w.relation);
  return findings;
}

// There is no type of the new name that a column could be staged to.
bool renames_types(const std::vector<core::finding>& findings, const replaced_columns& replaced) {
  return std::any_of(findings.begin(), findings.end(), [&](const core::finding& f) {
    return f.rule == "type-renamed" && core::contains(replaced.of_the_same_type, f.columns.front());
  });
}

struct verdicts {
  verdict now;
  std::vector<std::pair<const promise*, verdict>> earlier;
};

verdicts decide_all(const promise& p, const charges& c) {
  verdicts all;
  std::vector<std::string> affected;
  for (const auto& e : c.earlier) {
    verdict v = decide(e.p, e.worse);
    affected.insert(affected.end(), v.affected.begin(), v.affected.end());
    v.hint = c.hint;
    if (v.what != outcome::kept) all.earlier.emplace_back(&e.p, std::move(v));
  }
  all.now = decide(p, c.worse, affected);
  if (all.now.what != outcome::kept && changes_columns(all.now) && !registry::live_migrations(p.contract.id).empty())
    all.now.what = outcome::refused;
  all.now.hint = c.hint;
  return all;
}

void refuse_or_warn(const promise& p, const verdict& v, frame& f, const std::vector<change::any_change>& at_hand) {
  if (v.what == outcome::refused) refuse(p, v, f.tag, at_hand);
  if (v.what == outcome::warned) warn(p, v, f, at_hand);
}

// A warning for the present version has named the consumers of earlier ones too.
bool is_told(const verdict& earlier, const verdict& now) {
  return now.what == outcome::warned && earlier.what == outcome::warned &&
         std::all_of(earlier.broken.begin(), earlier.broken.end(), [&](const core::finding& f) {
           return std::any_of(now.broken.begin(), now.broken.end(),
                              [&](const core::finding& told) { return told.rule == f.rule && told.element == f.element; });
         });
}

// Each waiver once, whatever it covers.
void use_once(verdict& v, std::vector<std::int64_t>& used) {
  std::erase_if(v.waivers, [&](std::int64_t id) { return std::find(used.begin(), used.end(), id) != used.end(); });
  used.insert(used.end(), v.waivers.begin(), v.waivers.end());
}

}  // namespace

std::string hint_to_waive(const promise& p) {
  return fmt::format("Let it through once: SELECT accord.waive({}, reason => '...');", core::quote_literal(p.contract.name.sql()));
}

bool reaches_children(const change::any_change& change) {
  return !std::holds_alternative<change::relation_dropped>(change) && !std::holds_alternative<change::relation_renamed>(change) &&
         !std::holds_alternative<change::relation_moved>(change) && !std::holds_alternative<change::comment_changed>(change);
}

std::vector<core::finding> judged(const core::shape& promised, const core::shape& now, const change::renames& renames,
                                  core::contract_level level) {
  auto findings = rule::judge(promised, now, renames);
  if (level.base == core::level::full)
    for (auto& f : rule::judge_rollback(promised, now, renames))
      findings.push_back(std::move(f));
  return findings;
}

void charges::add(const core::finding& f) {
  worse.push_back(f);
  for (auto& e : earlier)
    e.worse.push_back(f);
}

charges foreseen(const promise& p, const std::vector<change::any_change>& changes) {
  const core::shape& base = p.version.shape;
  core::shape after;
  try {
    after = change::applied(base, changes);
  } catch (const core::failure&) {
    return {};
  }
  charges c;
  c.worse = foreseen_of(p.contract.relation, base, base, after, changes, p.contract.level);
  for (auto& e : earlier_promises(p)) {
    auto worse = foreseen_of(p.contract.relation, e.version.shape, base, after, changes, p.contract.level);
    c.earlier.push_back({std::move(e), std::move(worse)});
  }
  return c;
}

charges charged(const promise& p, const std::vector<core::finding>& findings) {
  charges c;
  for (auto& e : earlier_promises(p))
    c.earlier.push_back({std::move(e), {}});
  for (const auto& f : findings)
    c.add(f);
  return c;
}

truth seen(const promise& p, const watched& w) {
  return seen(p, w, registry::capture_shape(w.relation));
}

truth seen(const promise& p, const watched& w, core::shape now) {
  truth t;
  t.now = std::move(now);
  auto replaced = replaced_in(w);
  t.renames = known_to(p.version.shape, replaced.renames);
  t.worse = seen_of(p.version.shape, t.now, w, replaced, p.contract.level);
  if (renames_types(t.worse, replaced)) t.hint = hint_to_waive(p);
  for (auto& e : earlier_promises(p)) {
    auto worse = seen_of(e.version.shape, t.now, w, replaced, p.contract.level);
    t.earlier.push_back({std::move(e), std::move(worse)});
  }
  return t;
}

std::vector<core::finding> keys_made_again(Oid relation, const core::shape& promised, const std::vector<change::any_change>& changes) {
  auto found = rule::keys_made_again(promised, changes, {});
  if (found.empty()) return found;
  // By the names of the triggers on the other table, as for all that fire at one event.
  static constinit spi::prepared in_order{
      "SELECT c.conname FROM pg_constraint c WHERE c.conrelid = $1::oid AND c.contype = 'f'"
      " ORDER BY (SELECT min(t.tgname::text COLLATE \"C\") FROM pg_trigger t WHERE t.tgconstraint = c.oid AND t.tgrelid = c.confrelid)"};
  std::vector<std::string> names;
  for (const auto& row : catalog::run(in_order, {relation}))
    names.push_back(row.text(0));
  return rule::keys_made_again(promised, changes, names);
}

std::vector<core::finding> lost_values(const promise& p, const std::vector<change::any_change>& changes) {
  const core::shape& promised = p.version.shape;
  std::vector<core::finding> lost = keys_made_again(p.contract.relation, promised, changes);
  for (const auto& change : changes) {
    const auto* retyped = std::get_if<change::column_retyped>(&change);
    if (!retyped || !promised.find_column(retyped->column)) continue;
    for (auto& f : rule::judge(change, promised, promised))
      if (f.readers != core::effect::none && f.readers_at == core::strictness::data) lost.push_back(std::move(f));
  }
  return lost;
}

void tell_renamed_types(std::vector<core::finding>& findings, const core::shape& promised, const core::shape& before,
                        const core::shape& now, const std::vector<std::string>& columns) {
  for (const auto& name : columns) {
    const core::column *was = before.find_column(name), *then = promised.find_column(name), *is = now.find_column(name);
    if (!was || !then || !is || was->type == is->type || was->type != then->type) continue;
    core::column_type as_before = is->type;
    as_before.text = was->type.text;
    as_before.base = was->type.base;
    as_before.collation = was->type.collation;
    if (as_before != was->type) continue;  // and more than the name is new
    const auto told = rule::type_renamed(*then, *is);
    std::erase_if(findings, [&](const core::finding& f) {
      return f.element == told.element && (f.rule.starts_with("type-") || f.rule == "collation-changed");
    });
    findings.push_back(told);
  }
}

std::vector<core::finding> remade_types(const core::shape& promised, const core::shape& before, const core::shape& now,
                                        const std::vector<std::string>& columns) {
  std::vector<core::finding> findings;
  for (const auto& name : columns) {
    const core::column *was = before.find_column(name), *then = promised.find_column(name), *is = now.find_column(name);
    if (was && then && is && was->type.text == is->type.text && then->type.text == is->type.text)
      findings.push_back(rule::type_made_again(*then));
  }
  return findings;
}

bool breaks(const promise& p, const charges& c) {
  auto all = decide_all(p, c);
  return all.now.what != outcome::kept || !all.earlier.empty();
}

void act_on_intent(const promise& p, const charges& c, frame& f) {
  auto all = decide_all(p, c);
  refuse_or_warn(p, all.now, f, f.changes);
  for (const auto& [earlier, v] : all.earlier)
    if (!is_told(v, all.now)) refuse_or_warn(*earlier, v, f, f.changes);
}

void act_on_truth(const promise& p, const truth& t, frame& f) {
  auto all = decide_all(p, t);
  // Where the parse tree told nothing, the catalogs do.  The order of columns is what completed migrations have left it.
  auto at_hand = [&] {
    auto changes = f.changes.empty() ? change::diff(p.version.shape, t.now, t.renames) : f.changes;
    std::erase_if(changes, [](const auto& c) { return std::holds_alternative<change::columns_reordered>(c); });
    return changes;
  };
  if (all.now.what == outcome::refused || all.now.what == outcome::warned) refuse_or_warn(p, all.now, f, at_hand());
  for (const auto& [earlier, v] : all.earlier)
    if (!is_told(v, all.now)) refuse_or_warn(*earlier, v, f, f.changes);

  std::string statement = f.text.empty() ? f.tag : f.text;
  std::vector<std::int64_t> used = all.now.waivers;
  if (all.now.what == outcome::kept)
    registry::publish_minor_if_additive(p.contract, statement);
  else
    publish_breaking(p, all.now, t.now, statement);
  for (auto& [earlier, v] : all.earlier) {
    use_once(v, used);
    record_break(*earlier, v, statement);
  }
}

}  // namespace accord::guard
