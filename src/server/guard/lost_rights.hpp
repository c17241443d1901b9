// lost_rights: consumers that could do something before a statement and cannot after it.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "server/consumers/access.hpp"
#include "server/guard/statement.hpp"

namespace accord::guard {

// Refuses, warns or records.  The contracts that this concerned.
std::set<std::int64_t> judge_lost_rights(const std::vector<consumers::held_right>& before, const std::vector<consumers::held_right>& now,
                                         const statement&);

}  // namespace accord::guard
