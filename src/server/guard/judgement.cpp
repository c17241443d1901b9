// judgement.  See judgement.hpp.
#include "server/guard/judgement.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "rule/rule.hpp"
#include "server/guard/publication.hpp"
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
    auto same =
        std::find_if(to.begin(), to.end(), [&](const core::finding& known) { return known.rule == f.rule && known.element == f.element; });
    if (same == to.end())
      to.push_back(std::move(f));
    else if (f.readers > same->readers || f.readers_at < same->readers_at)
      *same = std::move(f);
  }
}

bool reaches_children(const change::any_change& change) {
  return !std::holds_alternative<change::relation_dropped>(change) && !std::holds_alternative<change::relation_renamed>(change) &&
         !std::holds_alternative<change::relation_moved>(change) && !std::holds_alternative<change::comment_changed>(change);
}

std::vector<core::finding> foreseen(const core::shape& promised, const std::vector<change::any_change>& changes) {
  core::shape after;
  try {
    after = change::applied(promised, changes);
  } catch (const core::failure&) {
    return {};
  }
  auto findings = rule::judge(promised, after, renames_in(changes));
  for (const auto& change : changes) {
    if (const auto* dropped = std::get_if<change::column_dropped>(&change)) forget_default(findings, dropped->column);
    if (loses_values(change)) add_new(findings, rule::judge(change, promised, after));
  }
  return findings;
}

truth seen(const promise& p, const watched& w) {
  truth t;
  t.now = registry::capture_shape(w.relation);
  // Columns are followed by number, so a rename is told from a drop whatever statement made it.
  stored_columns columns = columns_of(w.relation);
  std::vector<std::string> replaced;
  for (const auto& [number, before] : w.columns) {
    auto now = columns.find(number);
    if (now == columns.end())
      replaced.push_back(before.name);
    else if (now->second.name != before.name && p.version.shape.find_column(before.name))
      t.renames[before.name] = now->second.name;
  }
  const core::shape& promised = p.version.shape;
  auto after = rule::judge(promised, t.now, t.renames);
  t.worse = rule::worse(after, rule::judge(promised, w.before));
  for (const auto& name : replaced)
    if (promised.find_column(name) && t.now.find_column(name)) {
      forget_default(t.worse, name);
      add_new(t.worse, rule::judge(change::any_change(change::column_dropped{name, false}), promised, t.now));
    }
  return t;
}

void act_on_intent(const promise& p, const std::vector<core::finding>& findings, frame& f) {
  verdict v = decide(p, findings);
  if (v.what == outcome::refused) refuse(p, v, f.tag, f.changes);
  if (v.what == outcome::warned) warn(p, v, f, f.changes);
}

void act_on_truth(const promise& p, const truth& t, frame& f) {
  verdict v = decide(p, t.worse);
  if (v.what == outcome::refused || v.what == outcome::warned) {
    // Where the parse tree told nothing, the catalogs do.
    auto at_hand = f.changes.empty() ? change::diff(p.version.shape, t.now, t.renames) : f.changes;
    if (v.what == outcome::refused) refuse(p, v, f.tag, at_hand);
    warn(p, v, f, at_hand);
  }
  std::string statement = f.text.empty() ? f.tag : f.text;
  if (v.what == outcome::kept)
    registry::publish_minor_if_additive(p.contract, statement);
  else
    publish_breaking(p, v, t.now, statement);
}

}  // namespace accord::guard
