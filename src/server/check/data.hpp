// data: what only the rows can tell (HAZARDS, section H), looked for in the first rows of the real table.
//
// A bounded look: it can show that a statement will fail, never that it will not.  Takes ACCESS SHARE, as who executes the script, with row security off.
#pragma once

#include <string>
#include <vector>

#include "server/check/executor.hpp"
#include "server/check/hazards.hpp"

namespace accord::check {

std::vector<hazard> data_hazards(Node* tree, const std::string& text, Oid clone, const engine&, const executor&);

}  // namespace accord::check
