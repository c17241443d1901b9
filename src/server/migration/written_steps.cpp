// See written_steps.hpp.
#include "server/migration/written_steps.hpp"

#include <fmt/format.h>

#include "pg/scope.hpp"
#include "server/migration/facts.hpp"
#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

void run_as(Oid role, const std::string& sql) {
  as_user identity(role, true);
  spi::execute(sql);
}

[[noreturn]] void malformed(const std::string& detail) {
  throw failure(core::sqlstate::invalid_parameter, "invalid steps of a migration", detail,
                R"x(Give a list like '[{"sql": "CREATE TYPE mood2 AS ENUM (''a'')", "undo": "DROP TYPE mood2"}]'.)x");
}

}  // namespace

std::vector<written_step> written_steps_in(const std::string& steps) {
  std::vector<written_step> result;
  if (catalog::query("SELECT jsonb_typeof($1::jsonb)", {steps}).front().text(0) != "array") malformed("They are not a list.");
  for (const auto& row : catalog::query("SELECT s.o, CASE WHEN jsonb_typeof(s.e) = 'object' THEN s.e->>'sql' END,"
                                        "       CASE WHEN jsonb_typeof(s.e) = 'object' THEN s.e->>'undo' END"
                                        "  FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY s(e, o) ORDER BY s.o",
                                        {steps})) {
    if (row.is_null(1) || row.is_null(2)) malformed(fmt::format("Step {} lacks \"sql\" or \"undo\".", row.text(0)));
    result.push_back({row.text(1), row.text(2)});
  }
  return result;
}

void run_written_steps(Oid relation, const std::string& steps) {
  for (const auto& step : written_steps_in(steps))
    run_as(owner_oid(relation), step.sql);
}

void undo_written_steps(std::int64_t migration) {
  auto rows = catalog::query(
      "SELECT s.e->>'undo', m.options->>'search_path', m.options->>'steps_role' FROM accord_catalog.migration m,"
      "       jsonb_array_elements(m.options->'steps') WITH ORDINALITY s(e, o) WHERE m.id = $1::bigint ORDER BY s.o DESC",
      {migration});
  if (rows.empty()) return;
  local_settings settings;
  settings.set("search_path", rows.front().text(1).c_str());
  auto name = rows.front().text(2);
  const char* role_name = name.c_str();
  Oid role = pg([&] { return get_role_oid(role_name, true); });
  if (!OidIsValid(role))
    throw failure(core::sqlstate::undefined_object,
                  fmt::format("role \"{}\", as which the steps of the migration ran, does not exist", name),
                  "What takes them back would run as that role.", fmt::format("CREATE ROLE {};", core::quote_identifier(name)));
  for (const auto& row : rows)
    run_as(role, row.text(0));
}

void save_written_steps(Oid relation, std::int64_t migration, const std::string& steps) {
  const char* path = pg([] { return GetConfigOption("search_path", false, false); });
  catalog::execute(
      "UPDATE accord_catalog.migration SET options = options || jsonb_build_object('steps', $2::jsonb, 'search_path', $3::text, "
      "'steps_role', $4::text)"
      " WHERE id = $1::bigint",
      {migration, steps, path, owner_of(relation)});
}

}  // namespace accord::migration
