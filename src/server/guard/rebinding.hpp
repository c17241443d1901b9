// rebinding: a table's bare name means something else to consumers after a statement.
#pragma once

#include <vector>

#include "server/consumers/resolution.hpp"
#include "server/guard/statement.hpp"

namespace accord::guard {

// Of the same names before and now.  Refuses, warns or records where one that stood for its contract does not any more; false: none.
bool judge_names(const std::vector<consumers::bound_name>& before, const std::vector<consumers::bound_name>& now, const statement&);

}  // namespace accord::guard
