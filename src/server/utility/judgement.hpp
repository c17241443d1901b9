// What is done about a statement that concerns a contract: refused, warned of, let pass under a waiver; and what passes is audited.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "server/guard/verdict.hpp"
#include "server/utility/access.hpp"
#include "server/utility/statement.hpp"

namespace accord::utility {

// `consumers`: exactly who is hit, where that is known better than from the subscriptions.  Raises AC001.  True: it passes.
// Recording what passes is left to the caller, which may have to wait until the statement has run.
guard::verdict judge(const guard::promise&, const std::vector<core::finding>&, const statement&, const std::string& hint,
                     const std::optional<std::vector<std::string>>& consumers = std::nullopt);

// Consumers that could do something before and cannot now: refuses, warns or records.  The contracts that this concerned.
std::set<std::int64_t> judge_lost_rights(const std::vector<held_right>& before, const std::vector<held_right>& now, const statement&);

// Uses up the waivers and writes the audit log.
void record(const guard::promise&, const guard::verdict&, const std::string& tag, const std::string& text);
// A statement that breaks no promise and is worth knowing all the same; contract 0: of none in particular.
void record(std::int64_t contract, const std::string& tag, const std::string& text);

// What a handler returns for such a statement: it is recorded once it has run.
std::unique_ptr<judged> recorded(std::string tag, std::string text);

std::string waive_hint(const registry::contract&, const std::string& rule);
bool any_contract();  // is there one in this database?

}  // namespace accord::utility
