// accord.use_version: this session reads and writes one version of a contract from now on.
//
// The same as SET search_path in the connection string, for clients that choose for themselves; the session's own right to the schema counts.
#include <fmt/format.h>

#include "core/version.hpp"
#include "pg/arguments.hpp"
#include "server/consumers/search_path.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/contract.hpp"

#include "pg/pg.h"

// use_version(contract regclass, version text) RETURNS text: the new search_path
ACCORD_FUNCTION(accord_use_version) {
  using namespace accord;
  using namespace accord::cutover;
  arguments args(fcinfo);
  auto contract = registry::get_contract(args.oid(0, "contract"));
  auto version = registry::get_version(contract, args.text(1, "version"));
  if (version.status != "active" && version.status != "deprecated")
    throw failure(
        core::sqlstate::migration_refused,
        fmt::format("version {} of contract \"{}\" cannot be used: it is {}", version.version.text(), contract.display(), version.status),
        version.status == "preparing" ? "It becomes usable when no row is pending and its constraints are valid." : "");
  std::vector<std::string> schemas;
  std::optional<std::string> wanted;
  bool live = false;
  for (const auto& row : catalog::query("SELECT v.schema, v.version, n.oid IS NOT NULL FROM accord_catalog.migration_relation r JOIN "
                                        "accord_catalog.migration m ON m.id = r.migration_id,"
                                        "  LATERAL (VALUES (r.from_schema, r.from_version), (r.to_schema, r.to_version)) v(schema, version)"
                                        "  LEFT JOIN pg_namespace n ON n.nspname = v.schema"
                                        " WHERE r.contract_id = $1::bigint AND v.schema IS NOT NULL ORDER BY m.id",
                                        {contract.id})) {
    schemas.push_back(row.text(0));
    if (!row.boolean(2)) continue;
    live = true;
    if (core::parse_version(row.text(1)).major == version.version.major) wanted = row.text(0);
  }
  if (live && !wanted)
    throw failure(core::sqlstate::migration_refused,
                  fmt::format("version {} of contract \"{}\" has no view", version.version.text(), contract.display()),
                  "It is not one of the versions of a live migration.");
  if (wanted && !spi::query("SELECT pg_catalog.has_schema_privilege($1, 'USAGE')", {*wanted})[0].boolean(0))
    throw failure(core::sqlstate::insufficient_privilege, fmt::format("permission denied for schema {}", *wanted));
  // Without this, the next statement would say so, and name a view that the client never wrote.
  if (wanted &&
      !spi::query("SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = pg_catalog.quote_ident($1)::regnamespace AND c.relkind = 'v'"
                  "   AND NOT pg_catalog.has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE')",
                  {*wanted})
           .empty())
    throw failure(core::sqlstate::insufficient_privilege,
                  fmt::format("permission denied for version {} of contract \"{}\"", version.version.text(), contract.display()),
                  "A version is open to those who have privileges on the whole table.");
  std::string now = pg([] { return GetConfigOption("search_path", false, false); });
  auto path = consumers::join_search_path(consumers::replace_entries(consumers::split_search_path(now), schemas, wanted));
  spi::query("SELECT pg_catalog.set_config('search_path', $1, false)", {path});
  return text_result(path);
}
