// Rules of access: row security, policies and privileges.
#include <algorithm>
#include <fmt/format.h>

#include "core/text.hpp"
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
    {"row-security-disabled", effect::silent, effect::silent, strictness::data, strictness::data,
     "Readers see rows that were hidden from them.", "Change the policies instead."},
    {"row-security-forced", effect::silent, effect::breaks, strictness::data, strictness::data,
     "The owner, and views of the owner, see only the rows of their policies.", "Create policies for the owner first."},
    {"policy-changed", effect::silent, effect::data_dependent, strictness::data, strictness::data,
     "Readers see fewer or more rows, without an error; writers can fail with 42501.",
     "Stage the change, with the old policy for clients of the old version."},
    {"privilege-revoked", effect::breaks, effect::breaks, strictness::data, strictness::data, "Statements of the role fail with 42501.",
     "Revoke it when nobody uses it any more."},
};

const rule_info& security_rule(std::string_view id) {
  return rule_of(rules_of_security, id);
}

std::vector<std::string> words(const std::string& list) {
  std::vector<std::string> result;
  for (std::size_t at = 0; at < list.size();) {
    std::size_t end = std::min(list.find(", ", at), list.size());
    result.push_back(list.substr(at, end - at));
    at = end + 2;
  }
  return result;
}

using core::contains;

std::string lowered(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

struct judge_security {
  const context& c;
  std::vector<core::finding>& findings;

  static bool covers(const core::policy& p, std::string_view command) {
    const std::string own = lowered(p.command);
    return own == "all" || own == command;
  }
  static bool always(const core::policy& p, std::string_view command) {
    auto open = [](const std::string& expression) { return expression == "true" || expression == "(true)"; };
    if (command == "insert") return open(p.check_expression.empty() ? p.using_expression : p.check_expression);
    return open(p.using_expression) && (command != "update" || p.check_expression.empty() || open(p.check_expression));
  }
  static bool never(const core::policy& p) {
    auto closed = [](const std::string& expression) { return expression == "false" || expression == "(false)" || expression.empty(); };
    return closed(p.using_expression) && closed(p.check_expression);
  }
  // Roles to whom these policies give every row for all of the commands, whatever other permissive ones there are.
  static std::vector<std::string> unrestricted(const core::shape& shape, std::initializer_list<std::string_view> commands) {
    std::vector<std::string> roles;
    bool first = true;
    for (std::string_view command : commands) {
      std::vector<std::string> free;
      for (const auto& p : shape.policies)
        if (p.permissive && covers(p, command) && always(p, command))
          for (auto& role : words(p.roles))
            free.push_back(role);
      if (first) roles = free;
      if (!first && !contains(free, "public")) {
        if (contains(roles, "public"))
          roles = free;
        else
          std::erase_if(roles, [&](const std::string& role) { return !contains(free, role); });
      }
      first = false;
    }
    return roles;
  }
  static std::vector<std::string> unrestricted_in_both(const context& c, std::initializer_list<std::string_view> commands) {
    auto before = unrestricted(c.before, commands), after = unrestricted(c.after, commands);
    if (contains(before, "public")) return after;
    if (contains(after, "public")) return before;
    std::erase_if(before, [&](const std::string& role) { return !contains(after, role); });
    return before;
  }
  void say(std::string_view id, const std::string& element, const std::string& what, effect readers, effect writers,
           std::vector<std::string> roles, std::vector<std::string> spared) {
    if (contains(spared, "public")) return;
    core::finding f = found(security_rule(id), element, {}, what, {readers, {}}, {writers, {}});
    f.roles = std::move(roles);
    f.spared = std::move(spared);
    findings.push_back(std::move(f));
  }
  static std::vector<std::string> with(std::vector<std::string> roles, std::initializer_list<std::string_view> more) {
    for (auto role : more)
      roles.emplace_back(role);
    return roles;
  }

  // Row security comes for these: all, or the owner alone.
  void row_security(std::string_view id, const std::string& what, const std::vector<std::string>& roles, bool owner_too) {
    const std::string element = fmt::format("table \"{}\"", c.before.relation.name);
    const bool restricted_read = std::any_of(c.after.policies.begin(), c.after.policies.end(), [](const core::policy& p) {
      return !p.permissive && covers(p, "select") && !always(p, "select");
    });
    auto immune = owner_too ? with({}, {core::role_bypass}) : with({}, {core::role_bypass, core::role_owner});
    auto readers = restricted_read ? std::vector<std::string>{} : unrestricted(c.after, {"select"});
    // COPY FROM a client under row security fails with 0A000 whatever the policies say.
    if (readers.empty()) return say(id, element, what, security_rule(id).readers, security_rule(id).writers, roles, immune);
    for (auto& role : immune)
      readers.push_back(role);
    say(id, element, what, security_rule(id).readers, effect::none, roles, readers);
    say(id, element, what, effect::none, security_rule(id).writers, roles, immune);
  }
  // A policy means nothing to those who rely on a table without row security.  Whether it is on afterwards does not matter: otherwise
  // switching it on again, as a restore does before it makes the policies, would look like the statement that took them away.
  void policy(const core::policy& p, std::vector<std::string> roles, const std::string& what) {
    if (!c.before.row_security || (p.permissive && never(p))) return;
    auto spared = c.before.force_row_security ? with({}, {core::role_bypass}) : with({}, {core::role_bypass, core::role_owner});
    auto side = [&](bool reads) {
      auto free = spared;
      if (p.permissive)
        for (auto& role : reads                            ? unrestricted_in_both(c, {"select"})
                          : lowered(p.command) == "all"    ? unrestricted_in_both(c, {"select", "insert", "update", "delete"})
                          : lowered(p.command) == "select" ? unrestricted_in_both(c, {"select"})
                          : lowered(p.command) == "insert" ? unrestricted_in_both(c, {"insert"})
                          : lowered(p.command) == "update" ? unrestricted_in_both(c, {"update"})
                                                           : unrestricted_in_both(c, {"delete"}))
          free.push_back(role);
      return free;
    };
    if (contains(roles, "public")) roles.clear();
    const std::string element = fmt::format("policy \"{}\"", p.name), sentence = fmt::format("Policy \"{}\" {}", p.name, what);
    // What others may write shows in what readers see; and nobody can change or delete a row that is hidden.
    if (!p.permissive && always(p, "select") && always(p, "insert")) return;
    const effect readers = covers(p, "select") ? effect::silent : effect::none;
    const auto spared_readers = side(true), spared_writers = side(false);
    if (readers == effect::none || spared_readers == spared_writers)
      return say("policy-changed", element, sentence, readers, effect::data_dependent, roles, spared_writers);
    say("policy-changed", element, sentence, readers, effect::none, roles, spared_readers);
    say("policy-changed", element, sentence, effect::none, effect::data_dependent, roles, spared_writers);
  }

  void operator()(const change::row_security_changed& r) {
    const auto& name = c.before.relation.name;
    if (!r.from_enabled && r.to_enabled) {
      const std::string what = fmt::format("Row security is enabled on table \"{}\"", name);
      row_security("row-security-enabled", what, {}, r.to_forced);
      copied_otherwise("row-security-enabled", what);
    }
    if (r.from_enabled && !r.to_enabled) {
      copied_otherwise("row-security-disabled", fmt::format("Row security is disabled on table \"{}\"", name));
      say("row-security-disabled", fmt::format("table \"{}\"", name), fmt::format("Row security is disabled on table \"{}\"", name),
          security_rule("row-security-disabled").readers, effect::silent, {},
          with(restricted_at_all(c.before) ? std::vector<std::string>{} : unrestricted(c.before, {"select", "insert", "update", "delete"}),
               r.from_forced ? std::initializer_list<std::string_view>{core::role_bypass}
                             : std::initializer_list<std::string_view>{core::role_bypass, core::role_owner}));
    }
    if (!r.from_forced && r.to_forced && r.to_enabled && r.from_enabled)
      row_security("row-security-forced", fmt::format("Row security is forced on table \"{}\"", name), {std::string(core::role_owner)},
                   true);
  }
  // COPY leaves generated columns out, but under row security it is SELECT *.
  void copied_otherwise(std::string_view id, const std::string& what) {
    if (std::none_of(c.before.columns.begin(), c.before.columns.end(), [](const core::column& one) { return one.generated.has_value(); }))
      return;
    core::finding f = found(security_rule(id), fmt::format("table \"{}\"", c.before.relation.name), {}, what,
                            {effect::silent, core::strictness::exact}, {});
    f.spared = with({}, {core::role_bypass});
    findings.push_back(std::move(f));
  }
  static bool restricted_at_all(const core::shape& shape) {
    return std::any_of(shape.policies.begin(), shape.policies.end(), [](const core::policy& p) { return !p.permissive; });
  }
  void operator()(const change::policy_added& p) { policy(p.policy, words(p.policy.roles), "is added"); }
  void operator()(const change::policy_dropped& p) { policy(p.policy, words(p.policy.roles), "is dropped"); }
  void operator()(const change::policy_changed& p) {
    auto from = words(p.from.roles), to = words(p.to.roles);
    core::policy same = p.from;
    same.roles = p.to.roles;
    std::vector<std::string> roles;
    for (const auto& role : from)
      if (same != p.to || !contains(to, role)) roles.push_back(role);
    for (const auto& role : to)
      if ((same != p.to || !contains(from, role)) && !contains(roles, role)) roles.push_back(role);
    policy(never(p.from) ? p.to : p.from, roles, "changes");
  }
  void operator()(const change::privilege_revoked& r) {
    const auto& p = r.privilege;
    bool reads = p.kind == "SELECT";
    // UPDATE, DELETE and ON CONFLICT read what they look for.
    bool writes = reads || p.kind == "INSERT" || p.kind == "UPDATE" || p.kind == "DELETE" || p.kind == "TRUNCATE";
    if (!writes) return;
    // The right can live on: without grant option, on the whole relation, or through another role.
    std::vector<std::string> spared = with({}, {core::role_owner, core::role_superuser});
    for (const auto& other : c.after.privileges)
      if (other.kind == p.kind && other != p && (other.column == p.column || other.column.empty())) spared.push_back(other.grantee);
    if (contains(spared, "public") || contains(spared, p.grantee)) return;
    std::string what = p.column.empty() ? fmt::format("{} is revoked from {}", p.kind, p.grantee)
                                        : fmt::format("{} of column \"{}\" is revoked from {}", p.kind, p.column, p.grantee);
    std::vector<std::string> columns;
    if (!p.column.empty()) columns.push_back(c.old_name(p.column));
    if (!columns.empty() && !c.now(columns[0])) return;  // it went with the column
    core::finding f = found(security_rule("privilege-revoked"), change::element(r), columns, what,
                            {reads ? effect::breaks : effect::none, {}}, {effect::breaks, {}});
    if (p.grantee != "public") f.roles = {p.grantee};
    f.spared = std::move(spared);
    findings.push_back(std::move(f));
  }
  // In his name the server looks for rows that refer to one which is to go, and takes them along: then neither goes.
  void rows_stay(const change::owner_rights_changed& o, const std::string& kind, const std::vector<std::string>& spared) {
    if (contains(spared, "public") || (kind != "SELECT" && kind != "UPDATE" && kind != "DELETE")) return;
    for (const auto& key : c.before.constraints) {
      if (key.kind != "foreign key" || !key.enforced || !acts_on_rows(key)) continue;
      auto columns = key.on_delete == "cascade" ? std::vector<std::string>{} : seen_in(c.before, key.columns);
      findings.push_back(found(security_rule("privilege-revoked"), change::element(o), std::move(columns),
                               fmt::format("{} is revoked from the owner, in whose name rows go with those that they refer to", kind),
                               {effect::silent, {}}, {}));
    }
  }
  // He can give them back to himself, but his sessions fail until he does.
  void operator()(const change::owner_rights_changed& o) {
    for (const auto& kind : o.to) {
      const bool reads = kind == "SELECT";
      if (contains(o.from, kind) || !(reads || kind == "INSERT" || kind == "UPDATE" || kind == "DELETE" || kind == "TRUNCATE")) continue;
      auto spared = with({}, {core::role_superuser});
      for (const auto& other : c.after.privileges)
        if (other.kind == kind && other.column.empty()) spared.push_back(other.grantee);
      rows_stay(o, kind, spared);
      say("privilege-revoked", change::element(o), fmt::format("{} is revoked from the owner", kind), reads ? effect::breaks : effect::none,
          effect::breaks, {std::string(core::role_owner)}, std::move(spared));
    }
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
