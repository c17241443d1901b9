// Findings of what no shape shows.  See beyond_shape.hpp.
#include "rule/beyond_shape.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/name.hpp"
#include "core/text.hpp"
#include "rule/family.hpp"

namespace accord::rule {

namespace {

using core::effect;
using core::strictness;

const rule_info& known_rule(std::string_view id) {
  return *find_rule(id);
}

}  // namespace

core::finding rows_move(const core::shape& parent, const std::string& child, bool come) {
  const rule_info& r = known_rule(parent.kind == "partitioned table" ? "partitioning-changed" : "inheritance-changed");
  return found(r, fmt::format("table \"{}\"", parent.relation.name), {},
               fmt::format("The rows of table {} {} table \"{}\"", child, come ? "appear in" : "vanish from", parent.relation.name));
}

core::finding other_children(const core::shape& before, bool come) {
  const bool keyed = std::any_of(before.constraints.begin(), before.constraints.end(), [](const core::constraint& key) {
    return key.kind == "primary key" || key.kind.starts_with("unique") || key.kind == "exclusion";
  });
  return found(known_rule("inheritance-changed"), fmt::format("table \"{}\"", before.relation.name), {},
               fmt::format("Table \"{}\" has other children", before.relation.name),
               {effect::silent, come && keyed ? strictness::typed : strictness::exact},
               {!come && keyed ? effect::data_dependent : effect::none, strictness::data});
}

void forget_policies(const core::shape& now, std::vector<core::finding>& findings) {
  if (!now.row_security) std::erase_if(findings, [](const core::finding& f) { return f.rule == "policy-changed"; });
}

core::finding default_below(const core::shape& before, const core::column& column) {
  const bool takes_null = !column.not_null && !column.type.domain_not_null;
  return found(known_rule("relation-kind-changed"), fmt::format("column \"{}\"", column.name), seen_in(before, column.name),
               fmt::format("View \"{}\" has no default of its own for column \"{}\", so that UPDATE ... SET {} = DEFAULT {}",
                           before.relation.name, column.name, core::quote_identifier(column.name), takes_null ? "stores NULL" : "fails"),
               takes_null ? outcome{effect::silent, strictness::data} : outcome{},
               // What fails is, like COPY and TRUNCATE, a statement that few send, and that no view takes.
               takes_null ? outcome{effect::silent, strictness::data} : outcome{effect::breaks, strictness::exact});
}

std::vector<core::finding> view_computes(const core::shape& before, const core::column& column, bool filled) {
  const rule_info& rule = known_rule("relation-kind-changed");
  const std::string element = fmt::format("column \"{}\"", column.name);
  const std::string what = fmt::format("View \"{}\" computes column \"{}\"", before.relation.name, column.name);
  return {
      found(rule, element, seen_in(before, column.name), what, {effect::silent, strictness::data}, {}),
      found(rule, element, filled ? std::vector<std::string>{} : std::vector{column.name}, what, {}, {effect::breaks, strictness::data})};
}

core::finding view_of_some_rows(const core::shape& before, bool read_only) {
  const std::string what = read_only ? fmt::format("View \"{}\" takes no writes and can have other rows", before.relation.name)
                                     : fmt::format("View \"{}\" can have other rows", before.relation.name);
  return found(known_rule("relation-kind-changed"), fmt::format("table \"{}\"", before.relation.name), {}, what,
               {effect::silent, strictness::data}, {read_only ? effect::breaks : effect::silent, strictness::data});
}

core::finding type_made_again(const core::column& column) {
  // Drivers are told what a domain is of, but prepared statements fail all the same, also those whose parameters are of the type.
  const auto at = column.type.kind == "d" ? strictness::prepared : strictness::typed;
  return found(known_rule("type-renamed"), fmt::format("column \"{}\"", column.name), {column.name},
               fmt::format("Column \"{}\" gets another type of the name {}", column.name, column.type.text), {effect::breaks, at},
               {effect::breaks, strictness::prepared});
}

core::finding type_renamed(const core::column& before, const core::column& now) {
  const bool type = before.type.text != now.type.text;
  return found(known_rule("type-renamed"), fmt::format("column \"{}\"", before.name), {before.name},
               type ? fmt::format("The type of column \"{}\" is renamed from {} to {}", before.name, before.type.text, now.type.text)
                    : fmt::format("The collation of column \"{}\" is renamed from {} to {}", before.name, before.type.collation,
                                  now.type.collation));
}

std::vector<core::finding> keys_made_again(const core::shape& before, const std::vector<change::any_change>& changes,
                                           const std::vector<std::string>& in_order) {
  auto comes_before = [&](const core::constraint& key, const core::constraint& other) {
    auto place = [&](const core::constraint& c) { return std::find(in_order.begin(), in_order.end(), c.name); };
    return place(key) == in_order.end() || place(other) == in_order.end() || place(key) < place(other);
  };
  auto is_made_again = [&](const core::constraint& key) {
    const bool gone = std::any_of(changes.begin(), changes.end(), [&](const change::any_change& one) {
      const auto* dropped = std::get_if<change::constraint_dropped>(&one);
      return dropped && dropped->constraint.name == key.name;
    });
    return std::any_of(changes.begin(), changes.end(), [&](const change::any_change& one) {
      if (const auto* retyped = std::get_if<change::column_retyped>(&one)) return core::contains(key.columns, retyped->column);
      const auto* added = std::get_if<change::constraint_added>(&one);
      return gone && added && added->constraint.kind == "foreign key" && added->constraint.columns == key.columns;
    });
  };
  std::vector<core::finding> findings;
  for (const auto& key : before.constraints) {
    if (key.kind != "foreign key" || !is_made_again(key)) continue;
    const bool beside = std::any_of(before.constraints.begin(), before.constraints.end(), [&](const core::constraint& other) {
      return other.kind == "foreign key" && other.name != key.name && other.references == key.references &&
             acts_on_rows(other) != acts_on_rows(key) && comes_before(key, other);
    });
    if (beside)
      findings.push_back(found(known_rule("foreign-key-action-changed"), fmt::format("foreign key \"{}\"", key.name), {},
                               fmt::format("Foreign key \"{}\" is made again, so that it comes after the others", key.name)));
  }
  return findings;
}

}  // namespace accord::rule
