// sync_report: what a writer reads when a row cannot be kept in step.
#pragma once

#include "server/sync/row.hpp"

namespace accord::migration {

// An ERROR of PostgreSQL waits.  If it came out of up or down and is about the value, it is
// replaced by one that says which version cannot hold it and who uses that version; any other error
// goes on as it is.
[[noreturn]] void report_pending_error(const sync_row&);

// AC006: both sides were given values that do not follow from each other.
[[noreturn]] void report_conflict(const sync_row&);

// 23502 as PostgreSQL says it: the writer gave NULL for a column of the new version that takes none.
[[noreturn]] void report_missing_value(const sync_row&);
[[noreturn]] void report_given_generated(const sync_row&);

// 23502: up or down gave NULL for a column that must have a value.
[[noreturn]] void report_null(const sync_row&);

}  // namespace accord::migration
