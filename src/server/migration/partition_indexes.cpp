// See partition_indexes.hpp.
#include "server/migration/partition_indexes.hpp"

#include "server/registry/catalog.hpp"

namespace accord::migration {

void find_partition_indexes(plan::migration& m) {
  if (m.old_version().shape.kind != "partitioned table") return;
  auto index = [&](const std::string& name) { return core::qualified_name{m.table.schema, name}.sql(); };
  for (auto& c : m.companions) {
    if (!c.has_index() || c.added) continue;
    std::map<std::string, std::string> twins;  // by the table's oid
    // The other tree is the twin's before completion, and the original's after it.
    for (const auto& row : catalog::query(
             "SELECT t.oid, tn.nspname, t.relname, i.relname, p.indrelid, tree.isleaf, o.relname"
             "  FROM pg_partition_tree(to_regclass($1)) tree JOIN pg_index x ON x.indexrelid = tree.relid JOIN pg_class i ON i.oid = "
             "tree.relid"
             "  JOIN pg_class t ON t.oid = x.indrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace"
             "  JOIN pg_index p ON p.indexrelid = tree.parentrelid"
             "  LEFT JOIN (SELECT oi.indrelid, oc.relname FROM pg_partition_tree(coalesce(to_regclass($2), to_regclass($3))) ot"
             "               JOIN pg_index oi ON oi.indexrelid = ot.relid JOIN pg_class oc ON oc.oid = ot.relid) o ON o.indrelid = t.oid"
             " WHERE tree.level > 0 ORDER BY tree.level, t.oid",
             {index(c.name), index(plan::twin_name(m.id, c)), index(plan::old_twin_name(m.id, c))})) {
      plan::partition_index p;
      p.table = {row.text(1), row.text(2)};
      p.name = row.text(3);
      p.leaf = row.boolean(5);
      p.twin = row.is_null(6) ? plan::twin_name(m.id, c.kind, p.name) : row.text(6);
      if (auto parent = twins.find(row.text(4)); parent != twins.end()) p.parent_twin = parent->second;
      if (!p.leaf) twins[row.text(0)] = core::qualified_name{p.table.schema, p.twin}.sql();
      c.partitions.push_back(std::move(p));
    }
  }
}

}  // namespace accord::migration
