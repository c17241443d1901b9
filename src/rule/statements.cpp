// Rules of statements.  See statements.hpp.
#include "rule/statements.hpp"

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
};

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

core::finding membership_revoked(const std::string& role, const std::string& lost, bool reads, bool writes) {
  return found(rules_of_statements[2], "role " + core::in_quotes(role), {}, core::joined({"Role ", core::in_quotes(role), " loses ", lost}),
               {reads ? effect::breaks : effect::none, {}}, {writes ? effect::breaks : effect::none, {}});
}

}  // namespace accord::rule
