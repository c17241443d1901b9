// See reserved_names.hpp.
#include "server/registry/reserved_names.hpp"

#include <fmt/format.h>

#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::registry {

void require_own_names(Oid relation) {
  auto rows = catalog::query(
      "WITH RECURSIVE tree(oid) AS (SELECT $1::oid UNION SELECT i.inhrelid FROM pg_inherits i JOIN tree ON i.inhparent = tree.oid),"
      " named(kind, name, relation) AS ("
      "  SELECT 'column', a.attname, a.attrelid FROM pg_attribute a WHERE a.attnum > 0 AND NOT a.attisdropped"
      // Those for NOT NULL (18), and what partitions have of their parent's, get names from the server.
      "  UNION ALL SELECT 'constraint', k.conname, k.conrelid FROM pg_constraint k WHERE k.contype <> 'n' AND k.conparentid = 0"
      "  UNION ALL SELECT 'index', c.relname, i.indrelid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
      "             WHERE NOT c.relispartition AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.conrelid "
      "= i.indrelid)"
      "  UNION ALL SELECT 'trigger', t.tgname, t.tgrelid FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
      "             WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND p.pronamespace <> 'accord_catalog'::regnamespace"
      "  UNION ALL SELECT 'policy', y.polname, y.polrelid FROM pg_policy y"
      "  UNION ALL SELECT 'statistics object', s.stxname, s.stxrelid FROM pg_statistic_ext s)"
      " SELECT n.kind, n.name, r.relname FROM named n JOIN tree ON tree.oid = n.relation JOIN pg_class r ON r.oid = n.relation"
      "  WHERE n.name ~ '^[_~!]accord_'"
      "    AND NOT EXISTS (SELECT FROM accord_catalog.migration m WHERE m.state IN ('preparing', 'active', 'completed')"
      "                       AND starts_with(substr(n.name, 2), format('accord_%s_', m.id)))"
      "  ORDER BY n.relation <> $1::oid, r.relname, n.kind, n.name LIMIT 1",
      {relation});
  if (rows.empty()) return;
  const auto& row = rows.front();
  throw failure("42939",
                fmt::format("{} \"{}\" of table \"{}\" has a name that is reserved for migrations", row.text(0), row.text(1), row.text(2)),
                "Names that begin with _accord_, ~accord_ or !accord_ tell what a live migration has made, and none has made this.",
                "Rename it first.");
}

}  // namespace accord::registry
