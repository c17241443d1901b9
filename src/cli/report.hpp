// The outcome of accord check in the formats that CI services read.
#pragma once

#include <string>

#include "cli/findings.hpp"

namespace accord::cli {

enum class report_format { table, json, junit, sarif, github };

std::string as_report_table(const findings&);
std::string as_report_json(const findings&);
std::string as_junit(const findings&, const script&, fail_on);  // one suite a file, one case a finding or statement without
std::string as_sarif(const findings&, int exit_status);         // 2.1.0
std::string as_github(const findings&, fail_on);                // workflow commands, which become annotations

std::string in_format(report_format, const findings&, const script&, fail_on, int exit_status);
std::string summary_of(const findings&);  // 1 error, 2 warnings, 0 advice, 0 unknowns, 1 suppressed

}  // namespace accord::cli
