// lost_rights.  See lost_rights.hpp.
#include "server/guard/lost_rights.hpp"

#include <algorithm>
#include <map>

#include "rule/statements.hpp"

#include "pg/pg.h"

namespace accord::guard {

namespace {

struct lost_rights {
  std::string rights;
  bool reads = false, writes = false;
};
using losers = std::map<std::pair<std::string, std::string>, lost_rights>;  // by role and consumer

void judge_loss(std::int64_t contract, const losers& who, const statement& s) {
  auto p = promise_of(registry::get_contract_by_id(contract));
  if (!p) return;
  std::vector<core::finding> findings;
  std::vector<std::string> consumers;
  for (const auto& [names, sum] : who) {
    auto f = rule::membership_revoked(names.first, sum.rights, sum.reads, sum.writes);
    if (std::find(findings.begin(), findings.end(), f) == findings.end()) findings.push_back(std::move(f));
    consumers.push_back(names.second);
  }
  std::sort(consumers.begin(), consumers.end());
  record(*p, judge(*p, findings, s, waive_hint(p->contract, "membership-revoked"), consumers), s.tag, s.text);
}

}  // namespace

std::set<std::int64_t> judge_lost_rights(const std::vector<consumers::held_right>& before, const std::vector<consumers::held_right>& now,
                                         const statement& s) {
  std::vector<consumers::held_right> lost;
  std::set_difference(before.begin(), before.end(), now.begin(), now.end(), std::back_inserter(lost));
  std::map<std::int64_t, losers> by_contract;
  for (const auto& r : lost) {
    auto& sum = by_contract[r.contract][{r.role, r.consumer}];
    sum.rights += (sum.rights.empty() ? "" : ", ") + r.right;
    sum.reads = sum.reads || r.reads;
    sum.writes = sum.writes || r.writes;
  }
  std::set<std::int64_t> concerned;
  for (const auto& [contract, who] : by_contract) {
    judge_loss(contract, who, s);
    concerned.insert(contract);
  }
  return concerned;
}

}  // namespace accord::guard
