// director.  See director.hpp.
#include "director.hpp"

#include <algorithm>
#include <vector>

#include "rule/rule.hpp"

namespace accord::oracle {

namespace {

// By the beginning of a rule's id, the longer first.
constexpr std::pair<std::string_view, std::string_view> subject_of_rule[] = {
    {"column-added", "add column"},
    {"required-column", "add column"},
    {"column-with-sequence", "add column"},
    {"columns-reordered", "swap"},
    {"column", "names"},
    {"not-null", "null"},
    {"default", "default"},
    {"identity", "identity"},
    {"generated-added", "swap"},
    {"generated-changed", "swap"},
    {"generated", "generated"},
    {"type-renamed", "enum"},
    {"type", "retype"},
    {"collation", "collation"},
    {"domain-applied", "applied domain"},
    {"domain", "domain"},
    {"attribute", "composite"},
    {"enum-label-removed", "remade enum"},
    {"enum", "enum"},
    {"check-added", "check"},
    {"unique-added", "unique"},
    {"foreign-key", "foreign key"},
    {"unique", "constraint"},
    {"exclusion", "exclusion"},
    {"check", "constraint"},
    {"constraint", "constraint"},
    {"table", "relation"},
    {"relation-kind", "view"},
    {"unlogged", "relation"},
    {"replica-identity", "publication"},
    {"publi", "publication"},
    {"function", "function"},
    {"partitioning", "partition"},
    {"inheritance", "partition"},
    {"row-security-forced", "forced security"},
    {"row-security", "security"},
    {"policy", "security"},
    {"privilege", "rights"},
    {"trigger", "trigger"},
};

constexpr std::pair<std::string_view, std::string_view> unreachable[] = {
    {"enum-order-changed", "no command does it to a type in use"},
    {"view-redefined", "the contracts here are on tables"},
};

}  // namespace

std::string_view out_of_reach(std::string_view rule) {
  for (const auto& [id, why] : unreachable)
    if (id == rule) return why;
  if (rule == "table-referenced") return "another table does it: sql/guard_references.sql";
  if (rule::family_of(rule) == "statements") return "only where the library is preloaded";
  return {};
}

std::string choose_focus(const std::map<std::string, long>& hits, dice& d) {
  if (d.chance(25)) return {};
  std::vector<std::pair<long, std::string_view>> rare;
  for (const auto* rule : rule::rules())
    if (out_of_reach(rule->id).empty()) {
      const auto known = hits.find(std::string(rule->id));
      rare.emplace_back(known == hits.end() ? 0 : known->second, rule->id);
    }
  std::sort(rare.begin(), rare.end());
  rare.resize(std::min<std::size_t>(rare.size(), 8));
  const std::string_view rule = d.one_of(rare).second;
  for (const auto& [start, subject] : subject_of_rule)
    if (rule.starts_with(start)) return std::string(subject);
  return {};
}

}  // namespace accord::oracle
