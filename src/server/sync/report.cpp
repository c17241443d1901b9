// Errors of the sync triggers.  See report.hpp.
#include "server/sync/report.hpp"

#include <fmt/format.h>
#include <string>
#include <vector>

#include "pg/scope.hpp"
#include "pg/spi.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/rights.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

std::string contract_name(std::int64_t contract) {
  auto rows = catalog::query(
      "SELECT CASE WHEN last_schema = 'public' THEN last_name ELSE last_schema || '.' || last_name "
      "END"
      "  FROM accord_catalog.contract WHERE id = $1::bigint",
      {contract});
  return rows.empty() ? std::to_string(contract) : rows[0].text(0);
}

// "  Consumers affected: billing, ops." for the consumers of a version that the current user may
// know of.
std::string consumers_affected(std::int64_t contract, const std::string& version) {
  auto rows = catalog::query(
      "SELECT n.name, n.role, c.owner FROM accord_catalog.subscription s"
      "  JOIN accord_catalog.consumer n ON n.id = s.consumer_id JOIN accord_catalog.contract c ON "
      "c.id = s.contract_id"
      " WHERE s.contract_id = $1::bigint AND s.major = $2::integer ORDER BY n.name",
      {contract, std::stoi(version)});
  std::string names;
  for (const auto& row : rows) {
    bool visible = rights::is_admin() || rights::is_member_of(row.text(2)) || (!row.is_null(1) && rights::is_member_of(row.text(1)));
    if (visible) names += (names.empty() ? "" : ", ") + row.text(0);
  }
  return names.empty() ? "" : fmt::format("  Consumers affected: {}.", names);
}

struct place {
  std::string contract, source, target;  // versions
  std::string column;
};

place place_of(const sync_row& row) {
  const sync_migration& migration = row.program->migrations[row.transform->migration];
  const sync_column& column = row.upward ? *row.transform->new_columns[row.element] : *row.transform->old_columns[row.element];
  return {contract_name(row.program->contract), row.upward ? migration.from_version : migration.to_version,
          row.upward ? migration.to_version : migration.from_version, column.name};
}

[[noreturn]] void refuse(const sync_row& row, const std::string& sqlstate, const std::string& reason) {
  place where = place_of(row);
  throw failure(
      sqlstate,
      fmt::format("version {} of contract \"{}\" cannot hold this row in column \"{}\"", where.target, where.contract, where.column),
      fmt::format("The value computed from version {} {}.{}", where.source, reason,
                  consumers_affected(row.program->contract, where.target)));
}

// Data exceptions, violated constraints, and what functions raise about their arguments.  A
// cancelled statement, a lack of memory, a deadlock or a bug is not about the value.
bool is_about_the_value(const std::string& sqlstate) {
  std::string kind = sqlstate.substr(0, 2);
  return kind == "22" || kind == "23" || kind == "P0" || kind == "38";
}

std::string columns_of(sync_column** columns, int count) {
  std::string names;
  for (int i = 0; i < count; i++)
    names += fmt::format("{}\"{}\"", i ? ", " : "", columns[i]->name);
  return names;
}

}  // namespace

void report_pending_error(const sync_row& row) {
  if (!row.transform) pg_wall::throw_pg_error();
  std::string sqlstate = pg([] { return unpack_sql_state(geterrcode()); });
  if (!is_about_the_value(sqlstate)) pg_wall::throw_pg_error();
  std::string message;
  {
    // A context of its own: FreeErrorData would leave behind the fields that it does not know.
    memory_scope scratch("accord sync error");
    const ErrorData* error = pg([] {
      ErrorData* copy = CopyErrorData();
      FlushErrorState();
      return copy;
    });
    message = error->message ? error->message : "";
  }
  refuse(row, sqlstate[0] == '2' ? sqlstate : core::sqlstate::transform_failed, fmt::format("was refused: {}", message));
}

void report_null(const sync_row& row) {
  refuse(row, "23502", "is null, and the column must have a value");
}

void report_missing_value(const sync_row& row) {
  throw failure("23502", fmt::format("null value in column \"{}\" of relation \"{}\" violates not-null constraint", row.without_value->name,
                                     RelationGetRelationName(row.relation)));
}

void report_given_generated(const sync_row& row) {
  const char* name = row.given_generated->name;
  bool insert = !row.old_slot;
  throw failure("428C9",
                insert ? fmt::format("cannot insert a non-DEFAULT value into column \"{}\"", name)
                       : fmt::format("column \"{}\" can only be updated to DEFAULT", name),
                fmt::format("Column \"{}\" is a generated column.", name));
}

void report_conflict(const sync_row& row) {
  const sync_transform& t = *row.conflict;
  const sync_migration& migration = row.program->migrations[t.migration];
  throw failure(core::sqlstate::transform_conflict,
                fmt::format("conflicting values for versions {} and {} of contract \"{}\"", migration.from_version, migration.to_version,
                            contract_name(row.program->contract)),
                fmt::format("Column {} of version {} and column {} of version {} were both set, "
                            "and neither follows from the other.",
                            columns_of(t.old_columns, t.old_count), migration.from_version, columns_of(t.new_columns, t.new_count),
                            migration.to_version),
                "Set the columns of one version only.");
}

}  // namespace accord::migration
