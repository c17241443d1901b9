// Rules of statements.  See statements.hpp.
#include "rule/statements.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "rule/family.hpp"

namespace accord::rule {

namespace {

using core::effect;
using core::strictness;

constexpr rule_info rules_of_statements[] = {
    {"table-truncated", effect::silent, effect::none, strictness::data, strictness::data,
     "Every row is gone for readers, without an error.", "Let the owner of the contract truncate the table by its name."},
    {"search-path-changed", effect::breaks, effect::breaks, strictness::data, strictness::data,
     "Clients that do not qualify the name read and write another table without an error, or fail with 42P01.",
     "Keep the schema of the contracted table in front, or move the consumer with accord.switch_version."},
    {"membership-revoked", effect::breaks, effect::breaks, strictness::data, strictness::data, "Statements of the role fail with 42501.",
     "Grant the role itself what it needs first."},
    {"table-referenced", effect::none, effect::data_dependent, strictness::data, strictness::data,
     "DELETE, and UPDATE of the key, fail with 23503 where rows of the other table refer to the row, and TRUNCATE fails with 0A000.",
     "Let those who delete rows remove what refers to them first, or give the foreign key ON DELETE CASCADE and ON UPDATE CASCADE."},
};

// Whoever may do one of these to the table; where a right is on columns only, to one of these columns.
std::vector<std::string> holders(const core::shape& table, std::initializer_list<std::string_view> kinds,
                                 const std::vector<std::string>& columns) {
  std::vector<std::string> roles = {std::string(core::role_owner), std::string(core::role_superuser)};
  for (const auto& p : table.privileges)
    if (core::is_one_of(p.kind, kinds) && (p.column.empty() || std::find(columns.begin(), columns.end(), p.column) != columns.end()) &&
        std::find(roles.begin(), roles.end(), p.grantee) == roles.end())
      roles.push_back(p.grantee);
  return roles;
}

// No change of a shape leads to one of these.
void judge_nothing(const change::any_change&, const context&, std::vector<core::finding>&) {}

}  // namespace

constinit const family statement_family{rules_of_statements, judge_nothing};

core::finding table_truncated(const std::string& table) {
  return found(rules_of_statements[0], "table " + core::in_quotes(table), {},
               core::joined({"Table ", core::in_quotes(table), " is emptied"}));
}

core::finding name_rebound(const std::string& name, const std::string& role, const std::string& now) {
  std::string what =
      core::joined({"Name ", core::in_quotes(name), " means ", now.empty() ? "nothing" : now, " to role ", core::in_quotes(role)});
  effect e = now.empty() ? effect::breaks : effect::silent;
  return found(rules_of_statements[1], "name " + core::in_quotes(name), {}, what, {e, {}}, {e, {}});
}

bool gives_way(std::string_view action) {
  return action == "cascade" || action == "set null";
}

std::vector<core::finding> table_referenced(const core::shape& table, const reference& by) {
  const std::string element = "table " + core::in_quotes(table.relation.name);
  const std::string what =
      core::joined({"Table ", core::in_quotes(by.by), " comes to refer to table ", core::in_quotes(table.relation.name)});
  std::vector<core::finding> findings;
  auto hit = [&](std::vector<std::string> columns, std::vector<std::string> roles) {
    findings.push_back(found(rules_of_statements[3], element, std::move(columns), what));
    findings.back().roles = std::move(roles);
  };
  // Whatever columns a writer uses, it can delete rows.
  hit({}, gives_way(by.on_delete) ? holders(table, {"TRUNCATE"}, {}) : holders(table, {"DELETE", "TRUNCATE"}, {}));
  if (!gives_way(by.on_update)) hit(by.columns, holders(table, {"UPDATE"}, by.columns));
  return findings;
}

core::finding membership_revoked(const std::string& role, const std::string& lost, bool reads, bool writes) {
  return found(rules_of_statements[2], "role " + core::in_quotes(role), {}, core::joined({"Role ", core::in_quotes(role), " loses ", lost}),
               {reads ? effect::breaks : effect::none, {}}, {writes ? effect::breaks : effect::none, {}});
}

}  // namespace accord::rule
