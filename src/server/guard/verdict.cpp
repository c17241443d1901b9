// verdict.  See verdict.hpp.
#include "server/guard/verdict.hpp"

#include <algorithm>
#include <map>
#include <string_view>

#include "pg/spi.hpp"
#include "rule/refusal.hpp"
#include "rule/rule.hpp"
#include "server/guard/settings.hpp"
#include "server/guard/waiver.hpp"
#include "server/registry/lifecycle.hpp"

#include "pg/pg.h"

namespace accord::guard {

namespace {

core::failure explained(const promise& p, const verdict& v, const std::string& tag, const std::vector<change::any_change>& at_hand) {
  rule::refused_change refused;
  refused.tag = tag;
  refused.contract = p.contract.display();
  refused.relation = p.contract.name;
  refused.before = &p.version.shape;
  refused.version = p.version.version;
  refused.findings = v.broken;
  refused.changes = at_hand;
  refused.consumers = registry::visible_consumers(p.contract, v.affected);
  refused.hidden_consumers = static_cast<int>(v.affected.size() - refused.consumers.size());
  if (changes_columns(v))
    for (const auto& m : registry::live_migrations(p.contract.id))
      refused.under_way = m.to_version;
  refused.way = v.hint;
  core::failure f = rule::refusal(refused);
  // pg_restore --clean drops what it is about to make again; nothing is to be staged then.
  if (application_name && std::string_view(application_name) == "pg_restore")
    f.hint = "To restore over a database that has contracts, run pg_restore with PGOPTIONS='-c accord.guard=off' as superuser.";
  return f;
}

// A contract promises everybody what matters at strictness typed; a consumer that subscribed more strictly was promised more.
bool breaks_strict_consumer(const core::finding& f, core::contract_level level, const core::subscription& s) {
  if (s.strictness <= core::strictness::typed || !rule::hits(f, s)) return false;
  core::finding as_typed = f;
  if (s.strictness >= f.readers_at) as_typed.readers_at = std::min(f.readers_at, core::strictness::typed);
  if (s.strictness >= f.writers_at) as_typed.writers_at = std::min(f.writers_at, core::strictness::typed);
  return rule::violates(as_typed, level);
}

// Of the promised version; with the rights of each consumer where a finding hits some roles only.
std::vector<core::subscription> subscriptions_for(const promise& p, const std::vector<core::finding>& findings) {
  auto all = registry::subscriptions(p.contract.id);
  std::erase_if(all, [&](const core::subscription& s) { return s.major != p.version.version.major; });
  if (std::none_of(findings.begin(), findings.end(), [](const core::finding& f) { return !f.roles.empty() || !f.spared.empty(); }))
    return all;
  std::map<std::string, std::optional<std::vector<std::string>>> known;
  for (auto& s : all) {
    if (s.role.empty()) continue;
    if (!known.contains(s.role)) known[s.role] = registry::rights_of(s.role, p.contract.relation);
    s.roles = known[s.role];
  }
  return all;
}

std::vector<std::string> consumers_hit(const std::vector<core::subscription>& subscriptions, const std::vector<core::finding>& findings) {
  return registry::subscribers(subscriptions, [&](const core::subscription& s) {
    return std::any_of(findings.begin(), findings.end(), [&](const core::finding& f) { return rule::hits(f, s); });
  });
}

}  // namespace

bool changes_columns(const verdict& v) {
  return std::any_of(v.broken.begin(), v.broken.end(), [](const core::finding& f) {
    auto family = rule::family_of(f.rule);
    return family == "columns" || family == "types" || family == "constraints";
  });
}

std::vector<std::string> consumers_of(const promise& p, const std::vector<core::finding>& findings) {
  return consumers_hit(subscriptions_for(p, findings), findings);
}

verdict decide(const promise& p, const std::vector<core::finding>& findings, const std::vector<std::string>& also_affected) {
  verdict v;
  if (findings.empty()) return v;
  auto subscriptions = subscriptions_for(p, findings);
  for (const auto& whole : findings) {
    const core::finding f = rule::promised(whole, p.contract.level);
    bool strict = std::any_of(subscriptions.begin(), subscriptions.end(),
                              [&](const core::subscription& s) { return breaks_strict_consumer(f, p.contract.level, s); });
    bool everybody = !p.to_subscribers_only && rule::violates(f, p.contract.level);
    bool somebody = p.to_subscribers_only && rule::violates(f, p.contract.level) && !consumers_hit(subscriptions, {f}).empty();
    if (strict || everybody || somebody) v.broken.push_back(f);
  }
  if (v.broken.empty()) return v;
  v.affected = consumers_hit(subscriptions, v.broken);
  if (!also_affected.empty()) {
    v.affected.insert(v.affected.end(), also_affected.begin(), also_affected.end());
    std::sort(v.affected.begin(), v.affected.end());
    v.affected.erase(std::unique(v.affected.begin(), v.affected.end()), v.affected.end());
  }
  mode m = mode_of(p.contract);
  if (m == mode::off) {
    v.what = outcome::ignored;
  } else if (v.affected.empty() && allows_unused()) {
    v.what = outcome::unused;
  } else if (auto covering = waivers_for(p.contract, v.broken)) {
    v.what = outcome::waived;
    v.waivers = std::move(*covering);
  } else {
    v.what = m == mode::warn ? outcome::warned : outcome::refused;
  }
  return v;
}

void refuse(const promise& p, const verdict& v, const std::string& tag, const std::vector<change::any_change>& at_hand) {
  core::failure f = explained(p, v, tag, at_hand);
  // One column in the error's own field, for programs; several have none.
  std::string column;
  if (v.broken.size() == 1 && v.broken.front().columns.size() == 1) column = v.broken.front().columns.front();
  const char *schema = p.contract.name.schema.c_str(), *table = p.contract.name.name.c_str(), *name = column.c_str();
  const char *message = f.message.c_str(), *detail = f.detail.c_str(), *hint = f.hint.c_str();
  pg([&] {
    ereport(ERROR, (errcode(MAKE_SQLSTATE('A', 'C', '0', '0', '1')), errmsg_internal("%s", message),
                    *detail ? errdetail_internal("%s", detail) : 0, *hint ? errhint("%s", hint) : 0,
                    err_generic_string(PG_DIAG_SCHEMA_NAME, schema), err_generic_string(PG_DIAG_TABLE_NAME, table),
                    *name ? err_generic_string(PG_DIAG_COLUMN_NAME, name) : 0));
  });
  throw f;  // not reached: the ereport above does not return
}

void warn(const promise& p, const verdict& v, frame& command, const std::vector<change::any_change>& at_hand) {
  core::failure f = explained(p, v, command.tag, at_hand);
  std::string said = f.message + f.detail;
  if (std::find(command.said.begin(), command.said.end(), said) != command.said.end()) return;
  command.said.push_back(said);
  spi::warning(f.message, f.detail, f.hint);
}

}  // namespace accord::guard
