// references.  See references.hpp.
#include "server/consumers/references.hpp"

#include "core/text.hpp"
#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::consumers {

std::vector<reference_to> references_to(Oid table) {
  static constinit spi::prepared statement{
      "SELECT c.conrelid, n.nspname, r.relname,"
      "       ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY u(n, p)"
      "               JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = u.n ORDER BY p),"
      "       ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY u(n, p)"
      "               JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = u.n ORDER BY p), d.name, u.name"
      "  FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace"
      "  JOIN (VALUES ('a', 'no action'), ('r', 'restrict'), ('c', 'cascade'), ('n', 'set null'), ('d', 'set default')) d(code, name)"
      "    ON d.code = c.confdeltype"
      "  JOIN (VALUES ('a', 'no action'), ('r', 'restrict'), ('c', 'cascade'), ('n', 'set null'), ('d', 'set default')) u(code, name)"
      "    ON u.code = c.confupdtype"
      " WHERE c.contype = 'f' AND c.confrelid = $1::oid AND c.conrelid <> c.confrelid"
      "   AND NOT starts_with(c.conname, '_accord_') AND NOT starts_with(c.conname, '~accord_')"
      "   AND NOT EXISTS (SELECT FROM pg_constraint p WHERE p.oid = c.conparentid AND p.confrelid = c.confrelid)"
      "   AND coalesce((to_jsonb(c) ->> 'conenforced')::boolean, true) ORDER BY 2, 3, 4, 5"};  // 18
  std::vector<reference_to> result;
  for (const auto& row : catalog::run(statement, {table}))
    result.push_back({row.oid(0), {row.text(1), row.text(2)}, row.texts(3), row.texts(4), row.text(5), row.text(6)});
  return result;
}

std::string key_of(const reference_to& r) {
  return core::joined(
      {r.name.sql(), "\n", core::quote_list(r.own), "\n", core::quote_list(r.columns), "\n", r.on_delete, ", ", r.on_update});
}

std::string terms_in(const std::string& key) {
  return key.substr(key.rfind('\n') + 1);
}

}  // namespace accord::consumers
