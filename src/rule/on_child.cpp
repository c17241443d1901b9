// on_child.  See on_child.hpp.
//
// Rows that are routed to a partition, or changed in a child through its parent, meet the constraints and the row triggers of the table that
// holds them.  Its rights, policies, rules, defaults and statement triggers do not apply: those are asked of the relation that is named.
#include "rule/on_child.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include "rule/family.hpp"

namespace accord::rule {

namespace {

struct reaches_parent {
  const core::shape& parent;
  bool routed;  // rows come to it by INSERT into the parent; else only by UPDATE and DELETE

  bool operator()(const change::not_null_added& n) const {
    const core::column* c = parent.find_column(n.column);
    return c && !c->not_null;
  }
  bool operator()(const change::constraint_added& a) const { return concerns(a.constraint); }
  bool operator()(const change::constraint_changed& c) const { return concerns(c.to); }
  // Of a primary key its replica identity, of a foreign key what it does to rows, or keeps from being done to them.
  bool operator()(const change::constraint_dropped& d) const {
    return d.constraint.kind == "primary key" || d.constraint.kind == "foreign key";
  }
  bool operator()(const change::trigger_added& t) const { return fires(t.trigger); }
  bool operator()(const change::trigger_dropped& t) const { return fires(t.trigger); }
  bool operator()(const change::trigger_changed& t) const { return fires(t.from) || fires(t.to); }
  bool operator()(const change::persistence_changed&) const { return true; }
  bool operator()(const change::replica_identity_changed&) const { return true; }
  template <typename Other>
  bool operator()(const Other&) const {
    return false;
  }

  // Nobody writes the child's own columns through the parent; and what the parent promises itself is known to its writers.
  bool concerns(const core::constraint& c) const {
    auto promised = [&](const core::constraint& p) {
      const bool key = p.kind == "primary key" && c.kind == "unique";
      return (p.kind == c.kind || key) && p.columns == c.columns && (key || p.definition == c.definition);
    };
    if (std::any_of(parent.constraints.begin(), parent.constraints.end(), promised)) return false;
    return c.columns.empty() ||
           std::any_of(c.columns.begin(), c.columns.end(), [&](const auto& name) { return parent.find_column(name) != nullptr; });
  }
  bool fires(const core::trigger& t) const {
    if (t.definition.starts_with("CREATE RULE") || t.definition.find(" FOR EACH ROW ") == std::string::npos) return false;
    return routed || t.definition.find(" UPDATE ") != std::string::npos || t.definition.find(" DELETE ") != std::string::npos;
  }
};

// ON CONFLICT takes the parent's keys, and what a child alone checked was promised to nobody.
bool of_the_parent_only(const core::finding& f) {
  return f.rule == "constraint-renamed" || f.rule == "unique-dropped" || f.rule == "check-dropped" || f.rule == "foreign-key-dropped" ||
         f.rule == "exclusion-dropped" || f.rule == "not-null-dropped";
}

// The columns that a statement has to change to meet it.
std::vector<std::string> changed_by_writers(const change::any_change& change) {
  if (const auto* required = std::get_if<change::not_null_added>(&change)) return {required->column};
  const auto* added = std::get_if<change::constraint_added>(&change);
  // Any change of a row that does not fit is refused.
  return added && added->constraint.validated && !added->constraint.partial ? added->constraint.columns : std::vector<std::string>{};
}

// A key of the child alone keeps a row of another table from going, which a key of the parent would let go, with rows of the parent.
std::vector<core::finding> held_back(const core::shape& parent, const core::shape& child, const core::constraint& key,
                                     const char* happens) {
  std::vector<core::finding> result;
  if (key.kind != "foreign key" || !key.enforced || acts_on_rows(key)) return result;
  const bool another = std::any_of(child.constraints.begin(), child.constraints.end(), [&](const core::constraint& other) {
    return other.kind == "foreign key" && other.enforced && other.name != key.name && other.columns == key.columns &&
           other.references == key.references && !acts_on_rows(other);
  });
  if (another) return result;
  for (const auto& acting : parent.constraints) {
    if (acting.kind != "foreign key" || !acting.enforced || acting.references != key.references || !acts_on_rows(acting)) continue;
    auto columns = acting.on_delete == "cascade" ? std::vector<std::string>{} : seen_in(parent, acting.columns);
    result.push_back(found(*find_rule("foreign-key-action-changed"), fmt::format("foreign key \"{}\"", key.name), std::move(columns),
                           fmt::format("Foreign key \"{}\" {}", key.name, happens)));
  }
  return result;
}

// What the server says of its own copy of a constraint or trigger of the parent names the partition.
std::string said_of(std::string text, const core::shape& one, const core::shape& other) {
  const std::string from = " ON " + one.relation.sql() + " ", to = " ON " + other.relation.sql() + " ";
  const std::string padded = " " + text;
  const auto at = padded.find(from);
  return at == std::string::npos ? text : (padded.substr(0, at) + to + padded.substr(at + from.size())).substr(1);
}

}  // namespace

std::vector<core::finding> put_on_child(const core::shape& parent, core::shape before, core::shape after) {
  const bool routed = !after.partition_of.empty();
  if (routed)  // it is published with the parent
    for (auto* published : {&before.publications, &after.publications})
      published->insert(published->end(), parent.publications.begin(), parent.publications.end());
  std::vector<core::finding> result;
  for (const auto& change : change::diff(before, after)) {
    if (!std::visit(reaches_parent{parent, routed}, change)) continue;
    auto findings = judge(change, before, after);
    if (!routed) {  // a partition has the parent's keys itself
      const auto* added = std::get_if<change::constraint_added>(&change);
      const auto* dropped = std::get_if<change::constraint_dropped>(&change);
      auto held = added     ? held_back(parent, after, added->constraint, "is added")
                  : dropped ? held_back(parent, before, dropped->constraint, "is dropped")
                            : std::vector<core::finding>{};
      std::move(held.begin(), held.end(), std::back_inserter(findings));
    }
    for (auto& f : findings) {
      if (of_the_parent_only(f)) continue;
      if (!routed && f.columns.empty() && f.rule != "foreign-key-action-changed")
        f.columns = changed_by_writers(change);                             // nobody leaves a column of its out: rows come by UPDATE only
      if (routed && !f.columns.empty() && f.writers != core::effect::none)  // or from another partition
        for (auto& column : columns_in(parent, parent.partition_key))
          f.columns.push_back(std::move(column));
      f.element += fmt::format(" of \"{}\"", after.relation.name);
      f.detail = fmt::format("On {} \"{}\", {}", routed ? "partition" : "child", after.relation.name, inside_sentence(f.detail));
      result.push_back(std::move(f));
    }
  }
  return result;
}

std::vector<core::finding> diverted(const core::shape& parent, const core::shape& from, const core::shape& to) {
  core::shape before = from;
  before.relation = to.relation;
  for (auto& c : before.constraints) {
    c.definition = said_of(c.definition, from, to);
    auto same = std::find_if(to.constraints.begin(), to.constraints.end(), [&](core::constraint other) {
      other.name = c.name;
      return other == c;
    });
    if (same != to.constraints.end()) c.name = same->name;
  }
  for (auto& t : before.triggers)
    t.definition = said_of(t.definition, from, to);
  return put_on_child(parent, std::move(before), to);
}

}  // namespace accord::rule
