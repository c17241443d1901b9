// The registry as a whole, and what is decided from findings.  See rule.hpp.
#include "rule/rule.hpp"

#include <algorithm>
#include <array>

#include "rule/family.hpp"

namespace accord::rule {

namespace {

std::array<const family*, 7> families() {
  return {&column_family, &type_family, &key_family, &relation_family, &security_family, &trigger_family, &statement_family};
}

// Two statements can say the same (NOT NULL and a check IS NOT NULL); clients are hit once.
std::vector<core::finding> each_once(std::vector<core::finding> findings) {
  std::vector<core::finding> result;
  for (auto& finding : findings)
    if (std::find(result.begin(), result.end(), finding) == result.end()) result.push_back(std::move(finding));
  return result;
}

bool matters_at(core::effect effect, core::strictness at, core::strictness held) {
  return effect != core::effect::none && held >= at;
}

}  // namespace

std::vector<const rule_info*> rules() {
  std::vector<const rule_info*> all;
  for (const family* f : families())
    for (const rule_info& rule : f->rules)
      all.push_back(&rule);
  return all;
}

const rule_info* find_rule(std::string_view id) {
  for (const family* f : families())
    for (const rule_info& rule : f->rules)
      if (rule.id == id) return &rule;
  return nullptr;
}

std::string_view family_of(std::string_view id) {
  static constexpr std::array<std::string_view, 7> names = {"columns",  "types",    "constraints", "relations",
                                                            "security", "triggers", "statements"};
  const auto all = families();
  for (std::size_t i = 0; i < all.size(); i++)
    for (const rule_info& rule : all[i]->rules)
      if (rule.id == id) return names[i];
  return {};
}

std::vector<core::finding> judge(const change::any_change& change, const core::shape& before, const core::shape& after) {
  std::vector<core::finding> findings;
  for (const family* f : families())
    f->judge(change, {before, after}, findings);
  return findings;
}

std::vector<core::finding> judge(const core::shape& before, const core::shape& after, const change::renames& renames) {
  const change::comparison seen(before, after, renames);
  const context around{before, after, seen.renamed};
  std::vector<core::finding> findings;
  for (const auto& change : change::diff(before, after, renames))
    for (const family* f : families())
      f->judge(change, around, findings);
  if (!after.relation.name.empty()) judge_reused_names(seen, findings);
  return each_once(std::move(findings));
}

std::vector<core::finding> judge_rollback(const core::shape& before, const core::shape& after, const change::renames& renames) {
  change::renames back;
  for (const auto& [from, to] : renames)
    if (!to.empty()) back[to] = from;
  auto findings = judge(after, before, back);
  std::erase_if(findings, [](const core::finding& f) { return family_of(f.rule) == "security" || family_of(f.rule) == "triggers"; });
  for (auto& f : findings) {
    f.on_rollback = true;
    f.detail = "To clients of the new version a rollback means that " + inside_sentence(std::move(f.detail));
  }
  return findings;
}

std::vector<core::finding> worse(const std::vector<core::finding>& after, const std::vector<core::finding>& before) {
  std::vector<core::finding> left = before, added;
  for (const auto& finding : after) {
    auto same = std::find_if(left.begin(), left.end(), [&](const core::finding& f) {
      return f.rule == finding.rule && f.element == finding.element && f.columns == finding.columns && f.roles == finding.roles &&
             f.on_rollback == finding.on_rollback && f.readers >= finding.readers && f.writers >= finding.writers;
    });
    if (same == left.end())
      added.push_back(finding);
    else
      left.erase(same);
  }
  return added;
}

bool hits(const core::finding& finding, const core::subscription& s) {
  if (finding.on_rollback) return false;  // nobody is subscribed to what is not there yet
  if (s.columns && !finding.columns.empty() && std::none_of(finding.columns.begin(), finding.columns.end(), [&](const std::string& column) {
        return std::find(s.columns->begin(), s.columns->end(), column) != s.columns->end();
      }))
    return false;
  auto among = [](const std::vector<std::string>& roles, const std::vector<std::string>& of) {
    return std::any_of(of.begin(), of.end(),
                       [&](const std::string& role) { return std::find(roles.begin(), roles.end(), role) != roles.end(); });
  };
  if (among(finding.spared, s.roles.value_or(std::vector<std::string>{"public"}))) return false;
  if (s.roles && !finding.roles.empty() && !among(finding.roles, *s.roles)) return false;
  bool reads = s.access != core::access::write, writes = s.access != core::access::read;
  return (reads && matters_at(finding.readers, finding.readers_at, s.strictness)) ||
         (writes && matters_at(finding.writers, finding.writers_at, s.strictness));
}

core::finding promised(core::finding finding, core::contract_level level) {
  if (level.base == core::level::readers || level.base == core::level::none) finding.writers = core::effect::none;
  if (level.base == core::level::writers || level.base == core::level::none) finding.readers = core::effect::none;
  return finding;
}

bool violates(const core::finding& finding, core::contract_level level) {
  bool readers = matters_at(finding.readers, finding.readers_at, core::strictness::typed);
  bool writers = matters_at(finding.writers, finding.writers_at, core::strictness::typed);
  switch (level.base) {
    case core::level::none:
      return false;
    case core::level::readers:
      return readers;
    case core::level::writers:
      return writers;
    case core::level::clients:
    case core::level::full:
      return readers || writers;
  }
  return true;
}

core::bump required_bump(const core::shape& before, const core::shape& after, const change::renames& renames) {
  core::bump step = core::bump::none;
  for (const auto& change : change::diff(before, after, renames)) {
    bool comment = std::holds_alternative<change::comment_changed>(change);
    step = std::max(step, comment ? core::bump::patch : core::bump::minor);
  }
  for (const auto& finding : judge(before, after, renames))
    if (violates(finding, {core::level::clients, false})) return core::bump::major;
  return step;
}

}  // namespace accord::rule
