// See other_table.hpp.
#include "server/migration/other_table.hpp"

#include "pg/spi.hpp"
#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::migration {

Oid relation_called(const core::qualified_name& written) {
  return spi::query("SELECT coalesce(to_regclass($1)::oid, 0)",
                    {written.schema.empty() ? core::quote_identifier(written.name) : written.sql()})
      .front()
      .oid(0);
}

plan::other_table other_table_of(Oid table, Oid migrated) {
  plan::other_table found;
  auto about = catalog::query(
      "SELECT n.nspname, c.relname, CASE WHEN c.relispartition THEN 'partition' WHEN c.relkind = 'p' THEN 'partitioned table' WHEN "
      "c.relkind IN ('v', 'm') THEN 'view'"
      "       WHEN c.relkind <> 'r' THEN 'relation of another kind'"
      "       WHEN EXISTS (SELECT FROM pg_inherits h WHERE c.oid IN (h.inhrelid, h.inhparent)) THEN 'table that inherits from others or"
      " is inherited from' ELSE 'table' END, pg_get_userbyid(c.relowner),"
      "       EXISTS (SELECT FROM pg_inherits h WHERE h.inhparent = c.oid), coalesce(p.partdefid <> 0 OR p.partstrat = 'h', true)"
      "  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_partitioned_table p ON p.partrelid = c.oid"
      " WHERE c.oid = $1::oid",
      {table});
  found.name = {about.front().text(0), about.front().text(1)};
  found.kind = about.front().text(2);
  found.owner = about.front().text(3);
  found.has_partitions = about.front().boolean(4);
  found.takes_any_row = about.front().boolean(5);
  for (const auto& row : catalog::query("SELECT attname, format_type(atttypid, atttypmod), attnotnull, atthasdef OR attidentity <> '',"
                                        "       attgenerated <> '' FROM pg_attribute"
                                        " WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
                                        {table}))
    found.columns.push_back({row.text(0), row.text(1), row.boolean(2), row.boolean(3), row.boolean(4)});
  for (const auto& row : catalog::query("SELECT ARRAY(SELECT a.attname FROM unnest(i.indkey::smallint[]) WITH ORDINALITY u(n, o)"
                                        "              JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.n"
                                        "             WHERE u.o <= i.indnkeyatts ORDER BY u.o)"
                                        "  FROM pg_index i WHERE i.indrelid = $1::oid AND i.indisunique AND i.indimmediate"
                                        "   AND i.indpred IS NULL AND i.indexprs IS NULL",
                                        {table}))
    found.keys.push_back(row.texts(0));
  constexpr const char* columns =
      "ARRAY(SELECT a.attname FROM unnest(k.{}) WITH ORDINALITY u(n, o)"
      " JOIN pg_attribute a ON a.attrelid = k.{} AND a.attnum = u.n ORDER BY u.o)";
  for (const auto& row :
       catalog::query(fmt::format("SELECT {}, {}, ARRAY(SELECT format('OPERATOR(%I.%s)', n.nspname, o.oprname)"
                                  "   FROM unnest(k.conpfeqop) WITH ORDINALITY u(op, i) JOIN pg_operator o ON o.oid = u.op"
                                  "   JOIN pg_namespace n ON n.oid = o.oprnamespace ORDER BY u.i), k.condeferrable, k.conname,"
                                  "       k.confdeltype = 'c'"
                                  "  FROM pg_constraint k WHERE k.contype = 'f' AND k.conrelid = $1::oid AND k.confrelid = $2::oid",
                                  fmt::format(fmt::runtime(columns), "conkey", "conrelid"),
                                  fmt::format(fmt::runtime(columns), "confkey", "confrelid")),
                      {table, migrated}))
    found.references.push_back({row.text(4), row.texts(0), row.texts(1), row.texts(2), row.boolean(3), row.boolean(5)});
  return found;
}

}  // namespace accord::migration
