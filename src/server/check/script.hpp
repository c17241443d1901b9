// script: a script under check, statement by statement on the clones.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "server/check/row.hpp"

namespace accord::check {

// The verdict by execution.  To be called in a subtransaction that is rolled back.  `touched`, where given, gets the relations that the script
// locks against writers or autovacuum, and those that use a type that it alters.
std::vector<check_row> executed_verdict(const std::string& script, std::set<Oid>* touched = nullptr);

// The verdict by execution, or by the parse trees where nothing can be executed; check.cpp.
std::vector<check_row> verdict_on(const std::string& script, std::set<Oid>* touched);

}  // namespace accord::check
