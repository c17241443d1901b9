// data: what only the rows can tell (HAZARDS, section H), looked for in the first rows of the real table.
//
// A bounded look: it can show that a statement will fail, never that it will not.  Takes ACCESS SHARE, as the caller, with row security off.
#pragma once

#include <string>
#include <vector>

#include "server/check/hazards.hpp"

namespace accord::check {

std::vector<hazard> data_hazards(Node* tree, const std::string& text, Oid clone, const engine&);

}  // namespace accord::check
