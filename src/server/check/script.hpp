// script: a script under check, statement by statement on the clones.
#pragma once

#include <string>
#include <vector>

#include "server/check/row.hpp"

namespace accord::check {

// The verdict by execution.  To be called in a subtransaction that is rolled back.
std::vector<check_row> executed_verdict(const std::string& script);

}  // namespace accord::check
