// A file of findings that were there already: each is let pass for a reason, until a date.
//
// An entry is recognised by its rule, its element and the statement without comments and white space, so that moving a statement to another
// file or line changes nothing.
#pragma once

#include <string>
#include <vector>

#include "cli/findings.hpp"

namespace accord::cli {

struct baseline_entry {
  std::string rule, element, statement, place;  // statement: its fingerprint; place: where it was, for people
  std::string reason, until;
};

using baseline = std::vector<baseline_entry>;

baseline read_baseline(const std::string& file);                                          // throws file_failure
void apply_baseline(findings&, const script&, const baseline&, const std::string& file);  // marks, and says what has expired
// Everything that still counts, for this reason and until this date, and what `old` lets pass already, as it is.
void write_baseline(const std::string& file, const findings&, const baseline& old, const std::string& reason, const std::string& until);

std::string fingerprint_of(const finding&);

}  // namespace accord::cli
