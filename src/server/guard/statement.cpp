// statement.  See statement.hpp.
#include "server/guard/statement.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

#include "core/name.hpp"
#include "server/guard/settings.hpp"
#include "server/guard/waiver.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/detail.hpp"

#include "pg/pg.h"

namespace accord::guard {

namespace {

std::optional<std::string> cause(outcome what) {
  switch (what) {
    case outcome::unused:
      return "affects no registered consumer";
    case outcome::waived:
      return "under a waiver";
    case outcome::warned:
      return "while the guard only warns";
    case outcome::ignored:
      return "while the guard is off";
    default:
      return std::nullopt;
  }
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts)
    text += (text.empty() ? "" : ", ") + part;
  return text;
}

// The action in the audit log: truncate table.
std::string lower(std::string tag) {
  std::transform(tag.begin(), tag.end(), tag.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return tag;
}

// accord.allow_unused does not apply: a consumer of another version is affected.
void hit_after_all(const promise& p, verdict& v) {
  if (auto covering = waivers_for(p.contract, v.broken)) {
    v.what = outcome::waived;
    v.waivers = std::move(*covering);
  } else {
    v.what = mode_of(p.contract) == mode::warn ? outcome::warned : outcome::refused;
  }
}

bool may_write() {
  return !XactReadOnly;
}

}  // namespace

verdict judge(const promise& p, const std::vector<core::finding>& findings, const statement& s, const std::string& hint,
              const std::optional<std::vector<std::string>>& consumers) {
  if (!is_on()) {
    log_passing(s.tag, p.contract.display());
    verdict off;
    off.what = outcome::ignored;
    off.broken = findings;
    return off;
  }
  verdict v = decide(p, findings);
  v.hint = hint;
  if (consumers) {
    v.affected = *consumers;
    if (v.what == outcome::unused && !consumers->empty()) hit_after_all(p, v);
  }
  if (v.what == outcome::refused) refuse(p, v, s.tag, {});
  if (v.what == outcome::warned) {
    frame f;
    f.tag = s.tag;
    warn(p, v, f, {});
  }
  return v;
}

void record(const promise& p, const verdict& v, const std::string& tag, const std::string& text) {
  if (!may_write()) return;
  if (!v.waivers.empty()) use_waivers(p.contract, v.waivers, text);
  std::vector<std::string> rules;
  for (const auto& f : v.broken)
    if (std::find(rules.begin(), rules.end(), f.rule) == rules.end()) rules.push_back(f.rule);
  auto or_nothing = [](const std::vector<std::string>& list) { return list.empty() ? std::nullopt : std::optional(joined(list)); };
  catalog::audit(
      {lower(tag), p.contract.id, 0,
       registry::json_detail(
           {{"statement", text}, {"cause", cause(v.what)}, {"rules", or_nothing(rules)}, {"consumers", or_nothing(v.affected)}})});
}

void record(std::int64_t contract, const std::string& tag, const std::string& text) {
  if (may_write()) catalog::audit({lower(tag), contract, 0, registry::json_detail({{"statement", text}})});
}

std::string waive_hint(const registry::contract& c, const std::string& rule) {
  return fmt::format("Let it through once: SELECT accord.waive({}, rule => {}, reason => '...');", core::quote_literal(c.name.sql()),
                     core::quote_literal(rule));
}

bool any_contract() {
  static constinit spi::prepared statement{"SELECT FROM accord_catalog.contract WHERE relation IS NOT NULL LIMIT 1"};
  return !catalog::run(statement).empty();
}

}  // namespace accord::guard
