// Names as consumers find them.  See resolution.hpp.
#include "server/consumers/resolution.hpp"

#include <fmt/format.h>
#include <map>

#include "server/consumers/search_path.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/promise.hpp"

#include "pg/pg.h"

namespace accord::consumers {

namespace {

// The first relation of this name in a schema of the path that the role may use.
Oid look_up(const std::string& role, const std::vector<std::string>& path, const std::string& name) {
  static constinit spi::prepared statement{
      "SELECT c.oid FROM unnest($2::name[]) WITH ORDINALITY p(entry, place)"
      "  JOIN pg_namespace n ON n.nspname = CASE p.entry WHEN '$user' THEN $1::name ELSE p.entry END"
      "  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = $3::name AND c.relkind NOT IN ('i', 'I')"
      " WHERE has_schema_privilege($1::name, n.oid, 'USAGE') ORDER BY p.place LIMIT 1"};
  auto rows = catalog::run(statement, {role, spi::array_literal(path), name});
  return rows.empty() ? InvalidOid : rows.front().oid(0);
}

}  // namespace

std::vector<bound_name> bind_names(const std::optional<std::string>& role, const std::optional<std::string>& server_path,
                                   std::int64_t contract) {
  static constinit spi::prepared statement{
      "SELECT s.contract_id, u.name, u.role, r.relname, s.major"
      "  FROM accord_catalog.subscription s JOIN accord_catalog.consumer u ON u.id = s.consumer_id"
      "  JOIN accord_catalog.contract c ON c.id = s.contract_id JOIN pg_class r ON r.oid = c.relation"
      "  JOIN pg_roles g ON g.rolname = u.role"
      " WHERE ($1::name IS NULL OR u.role = $1::name) AND ($2::bigint = 0 OR s.contract_id = $2::bigint)"
      " ORDER BY 1, 2, 5"};
  std::map<std::string, std::vector<std::string>> paths;
  std::vector<bound_name> names;
  for (const auto& row : catalog::run(statement, {role, contract})) {
    bound_name n{row.integer(0), row.text(1), row.text(2), row.text(3), static_cast<int>(row.integer(4)), InvalidOid};
    if (!paths.contains(n.role)) paths[n.role] = search_path_of_role(n.role, server_path);
    n.relation = look_up(n.role, paths[n.role], n.name);
    names.push_back(std::move(n));
  }
  return names;
}

std::optional<std::string> server_search_path() {
  auto rows =
      catalog::query("SELECT setting FROM pg_file_settings WHERE name = 'search_path' AND error IS NULL ORDER BY seqno DESC LIMIT 1");
  return rows.empty() ? std::nullopt : rows.front().optional(0);
}

bool stands_for(Oid relation, const bound_name& n) {
  if (!OidIsValid(relation)) return false;
  if (auto c = registry::find_contract(relation)) {
    if (c->id != n.contract) return false;
    auto p = registry::promise_of(*c);
    return !p || p->version.version.major == n.major;
  }
  auto behind = registry::contract_of_view(relation);
  return behind && behind->id == n.contract;
}

std::string described(Oid relation) {
  struct parts {
    const char *schema, *name;
    char kind;
  };
  auto p = pg([&] {
    return OidIsValid(relation) ? parts{get_namespace_name(get_rel_namespace(relation)), get_rel_name(relation), get_rel_relkind(relation)}
                                : parts{nullptr, nullptr, '\0'};
  });
  if (!p.schema || !p.name) return {};
  const char* kind = p.kind == RELKIND_VIEW || p.kind == RELKIND_MATVIEW ? "view" : p.kind == RELKIND_SEQUENCE ? "sequence" : "table";
  return fmt::format("{} \"{}.{}\"", kind, p.schema, p.name);
}

}  // namespace accord::consumers
