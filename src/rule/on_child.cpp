// on_child.  See on_child.hpp.
//
// Rows that are routed to a partition, or changed in a child through its parent, meet the constraints and the row triggers of the table that
// holds them.  Its rights, policies, rules, defaults and statement triggers do not apply: those are asked of the relation that is named.
#include "rule/on_child.hpp"

#include <algorithm>
#include <fmt/format.h>

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
  bool operator()(const change::constraint_dropped& d) const { return d.constraint.kind == "primary key"; }  // its replica identity
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

}  // namespace

std::vector<core::finding> put_on_child(const core::shape& parent, const core::shape& before, const core::shape& after) {
  const bool routed = !after.partition_of.empty();
  std::vector<core::finding> result;
  for (const auto& change : change::diff(before, after)) {
    if (!std::visit(reaches_parent{parent, routed}, change)) continue;
    for (auto& f : judge(change, before, after)) {
      if (of_the_parent_only(f)) continue;
      if (!routed && f.columns.empty())
        f.columns = changed_by_writers(change);  // nobody leaves a column of its out: rows come by UPDATE only
      f.element += fmt::format(" of \"{}\"", after.relation.name);
      f.detail = fmt::format("On {} \"{}\", {}", routed ? "partition" : "child", after.relation.name, inside_sentence(f.detail));
      result.push_back(std::move(f));
    }
  }
  return result;
}

}  // namespace accord::rule
