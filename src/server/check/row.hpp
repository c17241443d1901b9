// row: one row of accord.check's answer; the columns are those of control/parts/41_check.sql.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pg/result_rows.hpp"

namespace accord::check {

using optional_text = std::optional<std::string>;

struct check_row {
  int line = 0;
  std::string statement;
  optional_text rule;
  std::string severity;
  optional_text element, readers, writers, consumers, locks, rewrite, scan, bytes, estimate, safe_sql, sessions;
  std::string basis;  // executed, measured, parsed, text
};

inline int line_at(const std::string& script, int location) {
  return 1 + static_cast<int>(std::count(script.begin(), script.begin() + location, '\n'));
}

inline Datum result_of(const std::vector<check_row>& rows, FunctionCallInfo call) {
  result_rows result;
  for (const auto& r : rows)
    result.add({std::to_string(r.line), r.statement, r.rule, r.severity, r.element, r.readers, r.writers, r.consumers, r.locks, r.rewrite,
                r.scan, r.bytes, r.estimate, r.safe_sql, r.sessions, r.basis});
  return result.finish(call);
}

// How long it takes to go through that many bytes of an ordinary disk; an interval.
std::string time_for(std::int64_t bytes, bool rewrite);

// The size of a heap as the planner knows it: asking the file would take a lock.  Negative: never analyzed.
std::int64_t bytes_of(Oid relation);

// The verdict from the parse trees alone, where nothing can be executed.  With `why` not, what only executing it would tell is "unknown" and says
// so.  `touched`, where given, gets the relations that the script names.
std::vector<check_row> parsed_verdict(const std::string& script, optional_text why, std::set<Oid>* touched);

}  // namespace accord::check
