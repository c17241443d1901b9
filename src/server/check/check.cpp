// check: accord.check and accord.statements.
//
// A script is executed statement by statement on empty clones (script.cpp) inside a subtransaction that is always rolled back.  Where nothing
// can be executed the parse trees alone are judged (parsed.cpp), and the rows say so.
#include <set>

#include "pg/arguments.hpp"
#include "pg/scope.hpp"
#include "server/check/executor.hpp"
#include "server/check/row.hpp"
#include "server/check/script.hpp"
#include "server/ddl/statement.hpp"

#include "pg/pg.h"

namespace accord::check {

namespace {

constexpr const char* finished = "AC999";

bool can_execute() {
  return !XactReadOnly && !RecoveryInProgress() && !IsInParallelMode();
}

// A foreign lock is not waited for, and a copy can be too large for the lock table: then the parse trees have to do.
bool is_about_the_copy(const std::string& sqlstate) {
  return sqlstate == "55P03" || sqlstate == "53200" || sqlstate == "42501" || sqlstate == "25006";
}

// From a position in characters, from 1, to an offset in bytes.
int byte_of(const std::string& script, int position) {
  const char* at = script.c_str();
  return pg([&] {
    const char* p = at;
    for (int i = 1; i < position && *p; i++)
      p += pg_mblen(p);
    return static_cast<int>(p - at);
  });
}

}  // namespace

std::vector<check_row> verdict_on(const std::string& script, std::set<Oid>* touched) {
  if (!can_execute()) return parsed_verdict(script, {}, touched);
  std::vector<check_row> rows;
  reported_error error;
  (void)subtransaction(
      [&] {
        rows = executed_verdict(script, touched);
        throw core::failure(finished, "");
      },
      error);
  if (error.sqlstate == finished) return rows;
  if (error.sqlstate == nobodys) return parsed_verdict(script, error.message, touched);
  if (is_about_the_copy(error.sqlstate)) return parsed_verdict(script, {}, touched);
  int location = error.cursor_position > 0 ? byte_of(script, error.cursor_position) : -1;
  ddl::fail_at(script, location, core::failure(error.sqlstate, error.message, error.detail, error.hint));
}

}  // namespace accord::check

using namespace accord;

ACCORD_FUNCTION(accord_check) {
  arguments args(fcinfo);
  return check::result_of(check::verdict_on(args.text(0, "ddl"), nullptr), fcinfo);
}

ACCORD_FUNCTION(accord_statements) {
  arguments args(fcinfo);
  std::string script = args.text(0, "ddl");
  result_rows rows;
  for (const auto& [location, text] : ddl::split(script))
    rows.add({std::to_string(check::line_at(script, location)), text});
  return rows.finish(fcinfo);
}
