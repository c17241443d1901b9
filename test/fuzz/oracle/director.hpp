// director: which subject the next table and its changes are about, so that the rules that were hit least are hit more.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "random_case.hpp"

namespace accord::oracle {

// One of the subjects of the rules with the fewest hits, or none: chance alone must stay possible.
std::string choose_focus(const std::map<std::string, long>& hits, dice&);

// Why no case of the oracle hits this rule; empty: it can.
std::string_view out_of_reach(std::string_view rule);

}  // namespace accord::oracle
