// See partition_parts.hpp.
#include "server/migration/partition_parts.hpp"

#include <fmt/format.h>

#include "plan/companion_steps.hpp"
#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

// An index that the migration adds is on every partition, under a name of its own until the table's takes it in.
void find_added_indexes(plan::migration& m, plan::companion& c) {
  std::map<std::string, std::string> twins;  // by the table's oid
  for (const auto& row : catalog::query(
           "SELECT t.oid, n.nspname, t.relname, tree.parentrelid::oid, tree.isleaf, i.relname"
           "  FROM pg_partition_tree(to_regclass($1)) tree JOIN pg_class t ON t.oid = tree.relid"
           "  JOIN pg_namespace n ON n.oid = t.relnamespace"
           "  LEFT JOIN (SELECT x.indrelid, ic.relname FROM pg_partition_tree(to_regclass($2)) it"
           "               JOIN pg_index x ON x.indexrelid = it.relid JOIN pg_class ic ON ic.oid = it.relid) i ON i.indrelid = t.oid"
           " WHERE tree.level > 0 ORDER BY tree.level, t.oid",
           {m.table.sql(), plan::index_sql(m, c.name)})) {
    plan::partition_part p;
    p.table = {row.text(1), row.text(2)};
    p.leaf = row.boolean(4);
    p.twin = row.is_null(5) ? plan::twin_name(m.id, c.kind, fmt::format("{}.{}", p.table.name, c.name)) : row.text(5);
    p.name = p.twin;
    if (auto parent = twins.find(row.text(3)); parent != twins.end()) p.parent_twin = parent->second;
    if (!p.leaf) twins[row.text(0)] = core::qualified_name{p.table.schema, p.twin}.sql();
    c.partitions.push_back(std::move(p));
  }
}

void find_indexes(plan::migration& m, plan::companion& c) {
  auto index = [&](const std::string& name) { return plan::index_sql(m, name); };
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
    plan::partition_part p;
    p.table = {row.text(1), row.text(2)};
    p.name = row.text(3);
    p.leaf = row.boolean(5);
    p.twin = row.is_null(6) ? plan::twin_name(m.id, c.kind, p.name) : row.text(6);
    if (auto parent = twins.find(row.text(4)); parent != twins.end()) p.parent_twin = parent->second;
    if (!p.leaf) twins[row.text(0)] = core::qualified_name{p.table.schema, p.twin}.sql();
    c.partitions.push_back(std::move(p));
  }
}

// Until the version opens a partition's part of the twin is on its own; from then on it is found by its parent, as that of the original is.
void find_keys(const plan::migration& m, plan::companion& c) {
  const auto twin = plan::twin_name(m.id, c);
  for (const auto& row :
       catalog::query("WITH RECURSIVE part(root, oid, conrelid, conname, confrelid) AS ("
                      "   SELECT c.conname, c.oid, c.conrelid, c.conname, c.confrelid FROM pg_constraint c"
                      "    WHERE c.conrelid = to_regclass($1) AND c.contype = 'f' AND c.conname = ANY ($2::name[])"
                      "   UNION ALL SELECT p.root, c.oid, c.conrelid, c.conname, c.confrelid FROM pg_constraint c"
                      "     JOIN part p ON c.conparentid = p.oid AND c.confrelid = p.confrelid)"
                      " SELECT n.nspname, t.relname, known.conname, other.conname, tree.isleaf"
                      "   FROM pg_partition_tree(to_regclass($1)) tree JOIN pg_class t ON t.oid = tree.relid AND tree.level > 0"
                      "   JOIN pg_namespace n ON n.oid = t.relnamespace"
                      "   LEFT JOIN part known ON known.conrelid = t.oid AND known.root = $3::name"
                      "   LEFT JOIN part other ON other.conrelid = t.oid AND other.root <> $3::name ORDER BY tree.level, t.oid",
                      {plan::table_of(m, c), spi::array_literal({c.name, twin, plan::old_twin_name(m.id, c)}), c.name})) {
    plan::partition_part p;
    p.table = {row.text(0), row.text(1)};
    p.leaf = row.boolean(4);
    p.name = row.text_or(2, c.name);
    p.twin = row.is_null(3) ? (c.added ? c.name : plan::twin_name(m.id, c.kind, p.name)) : row.text(3);
    c.partitions.push_back(std::move(p));
  }
}

// What the server has made of a key for each partition that it references.  Both keys have them once the twin is there.
void find_referenced_parts(const plan::migration& m, plan::companion& c) {
  const auto twin = plan::twin_name(m.id, c);
  for (const auto& row :
       catalog::query("WITH RECURSIVE part(root, referenced, oid, conrelid, conname, confrelid) AS ("
                      "   SELECT c.conname, c.confrelid, c.oid, c.conrelid, c.conname, c.confrelid FROM pg_constraint c"
                      "    WHERE c.conrelid = to_regclass($1) AND c.contype = 'f' AND c.conname = ANY ($2::name[])"
                      "   UNION ALL SELECT p.root, p.referenced, c.oid, c.conrelid, c.conname, c.confrelid FROM pg_constraint c"
                      "     JOIN part p ON c.conparentid = p.oid AND c.conrelid = p.conrelid)"
                      " SELECT n.nspname, t.relname, known.conname, other.conname FROM part known"
                      "   JOIN part other ON other.root <> known.root AND other.confrelid = known.confrelid"
                      "   JOIN pg_class t ON t.oid = known.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace"
                      "  WHERE known.root = $3::name AND known.confrelid <> known.referenced ORDER BY known.conname",
                      {plan::table_of(m, c), spi::array_literal({c.name, twin, plan::old_twin_name(m.id, c)}), c.name}))
    c.partitions.push_back(
        {.table = {row.text(0), row.text(1)}, .name = row.text(2), .twin = row.text(3), .parent_twin = {}, .leaf = false});
}

}  // namespace

void find_partition_parts(plan::migration& m) {
  bool partitioned = m.old_version().shape.kind == "partitioned table";
  for (auto& c : m.companions) {
    if (partitioned && c.has_index()) {
      c.added ? find_added_indexes(m, c) : find_indexes(m, c);
      c.taken_in = !catalog::query("SELECT FROM pg_class WHERE oid = to_regclass($1) AND relkind = 'I'",
                                   {plan::index_sql(m, plan::twin_name(m.id, c))})
                        .empty();
    }
    if (c.of_partitioned) find_keys(m, c);
    if (c.late && !c.added) find_referenced_parts(m, c);
  }
}

void read_partitions(Oid relation, plan::surroundings& around) {
  for (const auto& row : catalog::query(
           "WITH part AS (SELECT c.oid, c.relname FROM pg_partition_tree($1::oid::regclass) JOIN pg_class c ON c.oid = relid WHERE level > "
           "0),"
           " own(classid, objid, kind, name, goes, expendable) AS ("
           "   SELECT 'pg_class'::regclass, i.indexrelid, CASE WHEN i.indisunique THEN 'unique index' ELSE 'index' END, ic.relname, true,"
           "          NOT i.indisunique"
           "     FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid"
           "    WHERE NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = i.indexrelid)"
           "      AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))"
           "   UNION ALL SELECT 'pg_constraint'::regclass, k.oid, CASE k.contype WHEN 'f' THEN 'foreign key' WHEN 'c' THEN 'check "
           "constraint' WHEN 'x'"
           "          THEN 'exclusion constraint' WHEN 'u' THEN 'unique constraint' ELSE 'primary key' END, k.conname, k.contype <> 'x', "
           "false"
           "     FROM pg_constraint k WHERE k.contype IN ('c', 'f', 'p', 'u', 'x') AND k.conparentid = 0 AND k.coninhcount = 0"
           // What is in its expressions depends on the index.
           "   UNION ALL SELECT 'pg_class'::regclass, k.conindid, 'exclusion constraint', k.conname, false, false"
           "     FROM pg_constraint k WHERE k.contype = 'x' AND k.conparentid = 0"
           "   UNION ALL SELECT 'pg_statistic_ext'::regclass, s.oid, 'statistics', s.stxname, true, true FROM pg_statistic_ext s"
           "   UNION ALL SELECT 'pg_trigger'::regclass, t.oid, 'trigger', t.tgname, false, false FROM pg_trigger t"
           "    WHERE t.tgparentid = 0 AND NOT t.tgisinternal"
           "   UNION ALL SELECT 'pg_policy'::regclass, y.oid, 'policy', y.polname, false, false FROM pg_policy y)"
           " SELECT format('%s \"%s\" of partition \"%s\"', own.kind, own.name, part.relname), own.goes, own.expendable,"
           "        array_agg(DISTINCT a.attname::text)"
           "   FROM own JOIN pg_depend d ON d.classid = own.classid AND d.objid = own.objid AND d.refclassid = 'pg_class'::regclass"
           "   JOIN part ON part.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid"
           "  WHERE d.refobjsubid > 0 AND NOT starts_with(own.name, '_accord_') AND NOT starts_with(own.name, '~accord_')"
           "  GROUP BY own.classid, own.objid, 1, 2, 3"
           " UNION ALL"
           " SELECT 'partition key', false, false, ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = part.oid"
           "         AND (a.attnum = ANY (p.partattrs::smallint[])"
           "              OR EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = part.oid AND d.objsubid "
           "= 0"
           "                            AND d.refclassid = 'pg_class'::regclass AND d.refobjid = part.oid AND d.refobjsubid = a.attnum))"
           "         AND a.attnum > 0)"
           "   FROM part JOIN pg_partitioned_table p ON p.partrelid = part.oid ORDER BY 1",
           {relation})) {
    plan::surroundings::keyed key{row.text(0), row.texts(3), row.boolean(1), {}};
    key.expendable = row.boolean(2);
    around.keys.push_back(std::move(key));
  }
}

}  // namespace accord::migration
