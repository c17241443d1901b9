// Rights of consumers.  See access.hpp.
#include "server/consumers/access.hpp"

#include <algorithm>

#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::consumers {

namespace {

std::vector<held_right> rights_where(std::int64_t contract, const spi::param& roles) {
  // SELECT is held when every column that is used can be read; on all columns that is a right on the table, or on any column of it.
  static constinit spi::prepared statement{
      "SELECT s.contract_id, u.name, u.role, concat_ws(' ', s.major, s.access, s.columns), k.name, k.reads, k.writes"
      "  FROM accord_catalog.subscription s"
      "  JOIN accord_catalog.consumer u ON u.id = s.consumer_id"
      "  JOIN accord_catalog.contract c ON c.id = s.contract_id"
      "  JOIN pg_class r ON r.oid = c.relation"
      "  JOIN pg_roles g ON g.rolname = u.role"
      " CROSS JOIN LATERAL (VALUES"
      "   ('SELECT', s.access <> 'write', false,"
      "    CASE WHEN s.columns IS NULL THEN has_table_privilege(g.oid, r.oid, 'SELECT') ELSE"
      "      (SELECT bool_and(has_column_privilege(g.oid, r.oid, a.attnum, 'SELECT')) FROM pg_attribute a"
      "        WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname = ANY (s.columns)) END),"
      "   ('SELECT of some columns', s.access <> 'write' AND s.columns IS NULL, false,"
      "    has_any_column_privilege(g.oid, r.oid, 'SELECT') AND NOT has_table_privilege(g.oid, r.oid, 'SELECT')),"
      "   ('INSERT', false, s.access <> 'read', has_any_column_privilege(g.oid, r.oid, 'INSERT')),"
      "   ('UPDATE', false, s.access <> 'read', has_any_column_privilege(g.oid, r.oid, 'UPDATE')),"
      "   ('DELETE', false, s.access <> 'read', has_table_privilege(g.oid, r.oid, 'DELETE')),"
      "   ('USAGE on the schema', s.access <> 'write', s.access <> 'read', has_schema_privilege(g.oid, r.relnamespace, 'USAGE')))"
      "   k(name, reads, writes, held)"
      " WHERE k.held AND (k.reads OR k.writes) AND ($1::bigint = 0 OR s.contract_id = $1::bigint)"
      "   AND ($2::name[] IS NULL OR u.role = ANY ($2::name[]))"};
  std::vector<held_right> all;
  for (const auto& row : catalog::run(statement, {contract, roles}))
    all.push_back({row.integer(0), row.text(1), row.text(2), row.text(3), row.text(4), row.boolean(5), row.boolean(6)});
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

}  // namespace

std::vector<held_right> rights_of_consumers(std::int64_t contract) {
  return rights_where(contract, std::nullopt);
}

std::vector<held_right> rights_of_consumers(const std::vector<std::string>& roles) {
  return rights_where(0, spi::array_literal(roles));
}

}  // namespace accord::consumers
