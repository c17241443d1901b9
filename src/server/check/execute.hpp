// execute: runs DDL inside accord.check so that nobody but PostgreSQL itself notices.
//
// No event trigger fires (the statements run as parts of a larger command), and no ProcessUtility hook of this or another extension sees
// them: what is executed here concerns empty clones that are gone in a moment.
#pragma once

#include <string_view>

#include "pg/bridge.hpp"

namespace accord::check {

// Executes utility statements as the current user under the current search_path.  Of others (SELECT, INSERT …) only the locks are taken that
// analysing and planning them takes: they are not executed.
void run_utility(std::string_view sql);

// Executes one raw parse tree, which must not be used again.
void run_tree(RawStmt* tree, const char* text);

}  // namespace accord::check
