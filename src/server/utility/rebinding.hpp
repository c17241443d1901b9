// What is done about a statement after which a table's bare name means something else to consumers.
#pragma once

#include <vector>

#include "server/utility/resolution.hpp"
#include "server/utility/statement.hpp"

namespace accord::utility {

// Of the same names before and now.  Refuses, warns or records where one that stood for its contract does not any more; false: none.
bool judge_names(const std::vector<bound_name>& before, const std::vector<bound_name>& now, const statement&);

}  // namespace accord::utility
