// Rules of access: row security, policies and privileges.
#include <algorithm>
#include <fmt/format.h>

#include "rule/family.hpp"

namespace accord::rule {

namespace {

using core::effect;
using core::strictness;

constexpr rule_info rules_of_security[] = {
    {"row-security-enabled", effect::silent, effect::breaks, strictness::data, strictness::data,
     "Readers see only the rows of their policies, without an error; INSERT fails with 42501, "
     "UPDATE "
     "and DELETE affect no row.",
     "Create policies for every client's role first, in the same transaction."},
    {"row-security-disabled", effect::silent, effect::none, strictness::data, strictness::data,
     "Readers see rows that were hidden from them.", "Change the policies instead."},
    {"row-security-forced", effect::silent, effect::breaks, strictness::data, strictness::data,
     "The owner, and views of the owner, see only the rows of their policies.", "Create policies for the owner first."},
    {"policy-changed", effect::silent, effect::data_dependent, strictness::data, strictness::data,
     "Readers see fewer or more rows, without an error; writers can fail with 42501.",
     "Stage the change, with the old policy for clients of the old version."},
    {"privilege-revoked", effect::breaks, effect::breaks, strictness::data, strictness::data, "Statements of the role fail with 42501.",
     "Revoke it when nobody uses it any more."},
};

const rule_info& rule(std::string_view id) {
  for (const auto& r : rules_of_security)
    if (r.id == id) return r;
  return rules_of_security[0];
}

struct judge_security {
  const context& c;
  std::vector<core::finding>& findings;

  void table(std::string_view id, const std::string& what) {
    findings.push_back(found(rule(id), fmt::format("table \"{}\"", c.before.relation.name), {}, what));
  }
  // A policy means nothing to those who rely on a table without row security.  Whether it is on afterwards does not matter: otherwise
  // switching it on again, as a restore does before it makes the policies, would look like the statement that took them away.
  void policy(const core::policy& p, const std::string& what) {
    if (!c.before.row_security) return;
    bool reads = p.command == "all" || p.command == "select" || p.command == "ALL" || p.command == "SELECT";
    findings.push_back(found(rule("policy-changed"), fmt::format("policy \"{}\"", p.name), {},
                             fmt::format("Policy \"{}\" {}", p.name, what), {reads ? effect::silent : effect::none, {}},
                             {effect::data_dependent, {}}));
  }

  void operator()(const change::row_security_changed& r) {
    const auto& name = c.before.relation.name;
    if (!r.from_enabled && r.to_enabled) table("row-security-enabled", fmt::format("Row security is enabled on table \"{}\"", name));
    if (r.from_enabled && !r.to_enabled) table("row-security-disabled", fmt::format("Row security is disabled on table \"{}\"", name));
    if (!r.from_forced && r.to_forced && r.to_enabled)
      table("row-security-forced", fmt::format("Row security is forced on table \"{}\"", name));
  }
  void operator()(const change::policy_added& p) { policy(p.policy, "is added"); }
  void operator()(const change::policy_dropped& p) { policy(p.policy, "is dropped"); }
  void operator()(const change::policy_changed& p) { policy(p.to, "changes"); }
  void operator()(const change::privilege_revoked& r) {
    const auto& p = r.privilege;
    bool reads = p.kind == "SELECT";
    bool writes = p.kind == "INSERT" || p.kind == "UPDATE" || p.kind == "DELETE" || p.kind == "TRUNCATE";
    if (!reads && !writes) return;
    // Where the shape after is known, the right can live on: without grant option, or on the whole
    // relation.
    const auto& left = c.after.privileges;
    bool known = std::find(left.begin(), left.end(), p) == left.end();
    if (known && std::any_of(left.begin(), left.end(), [&](const core::privilege& other) {
          return other.kind == p.kind && (other.grantee == p.grantee || other.grantee == "public") &&
                 (other.column == p.column || other.column.empty());
        }))
      return;
    std::string what = p.column.empty() ? fmt::format("{} is revoked from {}", p.kind, p.grantee)
                                        : fmt::format("{} of column \"{}\" is revoked from {}", p.kind, p.column, p.grantee);
    std::vector<std::string> columns;
    if (!p.column.empty()) columns.push_back(c.old_name(p.column));
    findings.push_back(found(rule("privilege-revoked"), change::element(r), columns, what, {reads ? effect::breaks : effect::none, {}},
                             {writes ? effect::breaks : effect::none, {}}));
  }
  template <typename Other>
  void operator()(const Other&) {}
};

void judge_security_of(const change::any_change& change, const context& c, std::vector<core::finding>& findings) {
  std::visit(judge_security{c, findings}, change);
}

}  // namespace

constinit const family security_family{rules_of_security, judge_security_of};

}  // namespace accord::rule
