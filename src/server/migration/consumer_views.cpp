// See consumer_views.hpp.
#include "server/migration/consumer_views.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/version.hpp"
#include "plan/errors.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/own_ddl.hpp"

#include "pg/pg.h"

namespace accord::migration {

void release_consumer_views(const registry::contract& contract, const std::vector<std::string>& physical, const std::string& version,
                            const std::string& other) {
  // Idle: the generation was followed by another one, and every session of its role began after that.
  auto rows = catalog::query(
      "SELECT DISTINCT c.name, format('%I.%I', n.nspname, v.relname), g.retired_at IS NOT NULL, g.retired_at IS NOT NULL AND NOT EXISTS ("
      "         SELECT FROM pg_stat_activity a WHERE a.usename = c.role AND a.datname = current_database()"
      "            AND a.backend_start <= (SELECT coalesce(min(s.created_at), g.retired_at) FROM accord_catalog.generation s"
      "                                     WHERE s.consumer_id = g.consumer_id AND s.generation > g.generation))"
      "  FROM pg_depend d JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid"
      "  JOIN pg_class v ON v.oid = w.ev_class JOIN pg_namespace n ON n.oid = v.relnamespace"
      "  JOIN accord_catalog.generation g ON g.schema_name = n.nspname JOIN accord_catalog.consumer c ON c.id = g.consumer_id"
      "  JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid"
      " WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::oid AND a.attname = ANY ($2::name[]) ORDER BY 1, 2",
      {contract.relation, spi::array_literal(physical)});
  std::vector<std::string> switched, current;
  for (const auto& row : rows) {
    if (row.boolean(3)) {
      own_ddl ours;
      catalog::execute(fmt::format("DROP VIEW {}", row.text(1)));
    } else {
      (row.boolean(2) ? switched : current).push_back(row.text(0));
    }
  }
  if (current.empty() && switched.empty()) return;
  const auto& names = current.empty() ? switched : current;
  auto visible = registry::visible_consumers(contract, names);
  std::vector<std::string> shown;
  for (const auto& name : visible)
    shown.push_back(plan::errors::quoted(name));
  auto first = core::quote_literal(visible.empty() ? "..." : visible.front());
  throw failure(core::sqlstate::version_in_use, fmt::format("version {} of contract \"{}\" is still in use", version, contract.display()),
                fmt::format("Consumers with {} on it: {}.", current.empty() ? "sessions that were started" : "views",
                            shown.empty() ? std::to_string(names.size()) : plan::errors::listed(shown)),
                current.empty()
                    ? fmt::format("Wait until these sessions end, or end them: SELECT * FROM accord.drain({}, terminate => true);", first)
                    : fmt::format("Move them: SELECT accord.switch_version({}, {}, {});", core::quote_literal(contract.name.sql()), first,
                                  core::quote_literal(std::to_string(core::parse_version(other).major))));
}

std::vector<std::string> sessions_with_views_of(const registry::contract& contract, int major) {
  std::vector<std::string> sessions;
  for (const auto& row :
       catalog::query("SELECT s.pid, s.consumer FROM accord_catalog.live_sessions() s JOIN accord_catalog.consumer c ON c.name = s.consumer"
                      "  JOIN accord_catalog.generation g ON g.consumer_id = c.id AND g.generation = s.generation"
                      " WHERE (g.versions->>$1::text)::integer = $2::integer AND s.pid <> pg_backend_pid() ORDER BY s.pid",
                      {contract.id, major}))
    sessions.push_back(fmt::format("process {} of {}", row.text(0), plan::errors::quoted(row.text(1))));
  return sessions;
}

}  // namespace accord::migration
