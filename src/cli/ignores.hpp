// Comments in the SQL that let a finding pass: -- accord: ignore RULE[,RULE] reason="…" until=2027-01-01
//
// One belongs to the statement that it stands in or on the last line of, else to the next one.  It holds until the end of that day in UTC;
// then the finding is reported again, with one that says so.
#pragma once

#include <vector>

#include "cli/files.hpp"
#include "cli/findings.hpp"
#include "cli/sql_text.hpp"

namespace accord::cli {

// `statements`: line and text, in order.  Marks what is ignored and adds what is to be said of the comments themselves.
void apply_ignores(findings&, const script&, const std::vector<text_piece>& comments, const std::vector<text_piece>& statements);

}  // namespace accord::cli
