// Executes a script statement by statement in a throw-away cluster, with the guard as the judge.
#pragma once

#include <vector>

#include "cli/database.hpp"
#include "cli/files.hpp"
#include "cli/findings.hpp"
#include "cli/sql_text.hpp"

namespace accord::cli {

// A refusal becomes a finding, and the statement is then executed without the guard, so that later ones meet the table that they expect;
// what ran is no longer unknown.  Ends at the first statement that fails by itself, which becomes a finding, too.
void execute_for_real(database&, const script&, const std::vector<text_piece>& statements, findings&);

}  // namespace accord::cli
