// rebinding.  See rebinding.hpp.
#include "server/guard/rebinding.hpp"

#include <algorithm>
#include <map>

#include "rule/statements.hpp"
#include "server/consumers/surroundings.hpp"

#include "pg/pg.h"

namespace accord::guard {

namespace {

// A restore gives rights and paths back one by one; what did not stand for the contract then, by a waiver, is not broken now.
bool was_known(const consumers::bound_name& n) {
  auto good = consumers::last_known_good(n.contract);
  return !good || std::find(good->names.begin(), good->names.end(), key_of(n)) != good->names.end();
}

}  // namespace

bool judge_names(const std::vector<consumers::bound_name>& before, const std::vector<consumers::bound_name>& now, const statement& s) {
  std::map<std::int64_t, std::vector<const consumers::bound_name*>> rebound;
  for (std::size_t i = 0; i < before.size() && i < now.size(); i++)
    if (before[i].relation != now[i].relation && stands_for(before[i].relation, before[i]) && !stands_for(now[i].relation, now[i]) &&
        was_known(now[i]))
      rebound[now[i].contract].push_back(&now[i]);
  for (const auto& [contract, names] : rebound) {
    auto p = promise_of(registry::get_contract_by_id(contract));
    if (!p) continue;
    std::vector<core::finding> findings;
    std::vector<std::string> consumers;
    for (const auto* n : names) {
      auto f = rule::name_rebound(n->name, n->role, consumers::described(n->relation));
      if (std::find(findings.begin(), findings.end(), f) == findings.end()) findings.push_back(std::move(f));
      if (std::find(consumers.begin(), consumers.end(), n->consumer) == consumers.end()) consumers.push_back(n->consumer);
    }
    auto v = judge(*p, findings, s, waive_hint(p->contract, "search-path-changed"), consumers);
    record(*p, v, s.tag, s.text);
    if (v.what == outcome::waived) consumers::remember_if_known(contract);
  }
  return !rebound.empty();
}

}  // namespace accord::guard
