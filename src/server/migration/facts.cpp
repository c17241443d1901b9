// See facts.hpp.
#include "server/migration/facts.hpp"

#include <fmt/format.h>

#include "change/names_in_sql.hpp"
#include "pg/scope.hpp"
#include "pg/spi.hpp"
#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

using catalog::query;

// Constraints by their key; the columns of expressions and predicates through pg_depend.
constexpr const char* columns_of_index =
    "ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = $1::oid AND a.attnum = ANY (i.indkey::smallint[]) AND a.attnum > 0"
    "      UNION SELECT a.attname FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid"
    "             WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid AND d.refclassid = 'pg_class'::regclass"
    "               AND d.refobjid = $1::oid AND d.refobjsubid > 0)";

// Indexes, keys and exclusion constraints.
void read_indexes(Oid relation, plan::surroundings& around) {
  for (const auto& row :
       query(std::string(
                 "SELECT CASE c.contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique constraint'"
                 "                      WHEN 'x' THEN 'exclusion constraint'"
                 "                      ELSE CASE WHEN i.indisunique THEN 'unique index' ELSE 'index' END END || format(' \"%s\"', "
                 "ic.relname),"
                 "       CASE c.contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique' WHEN 'x' THEN 'exclusion' ELSE 'index' END,"
                 "       ic.relname, i.indisunique, coalesce(c.condeferrable, false), coalesce(c.condeferred, false), i.indisclustered,"
                 "       i.indisreplident,"
                 "       ARRAY(SELECT n::text FROM pg_attribute a, unnest(ARRAY[a.attnum::integer, a.attstattarget::integer]) WITH "
                 "ORDINALITY u(n, o)"
                 "              WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0 ORDER BY a.attnum, u.o),"
                 "       obj_description(c.oid, 'pg_constraint'), obj_description(i.indexrelid, 'pg_class'), ") +
                 columns_of_index +
                 ", i.indisexclusion AND c.contype <> 'x', c.contype IS DISTINCT FROM 'x' OR i.indexprs IS NULL AND i.indpred IS NULL"
                 "  FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid"
                 "  LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.conrelid = i.indrelid AND c.contype IN ('p', 'u', 'x')"
                 " WHERE i.indrelid = $1::oid AND i.indislive ORDER BY ic.relname COLLATE \"C\"",
             {relation})) {
    plan::surroundings::keyed key{row.text(0), row.texts(11), row.boolean(13), {}};
    // A twin of an earlier migration has no name of its own yet; a key without overlaps (18) has an index that only its constraint can make.
    key.twin.kind =
        row.text(2).starts_with("_accord_") || row.boolean(12) ? plan::companion_kind::none : plan::companion_kind_of(row.text(1));
    key.twin.name = row.text(2);
    key.twin.unique = row.boolean(3);
    key.twin.deferrable = row.boolean(4);
    key.twin.deferred = row.boolean(5);
    key.twin.clustered = row.boolean(6);
    key.twin.replica_identity = row.boolean(7);
    key.twin.statistics = plan::statistics_of(row.texts(8));
    bool has_constraint = key.twin.is_unique_constraint() || key.twin.kind == plan::companion_kind::exclusion;
    (has_constraint ? key.twin.index_comment : key.twin.comment) = row.optional(10);
    // The constraint of any other primary key stays, and with it its comment.
    if (has_constraint) key.twin.comment = row.optional(9);
    around.keys.push_back(std::move(key));
  }
}

// What an earlier migration has still to build on its columns, which no catalog has yet.
void read_unbuilt(const registry::contract& contract, plan::surroundings& around) {
  auto columns = query(
      "SELECT attname FROM pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped AND starts_with(attname, '_accord_')",
      {contract.relation});
  for (const auto& row : query("SELECT format('%s \"%s\"', CASE c.kind WHEN 'unique' THEN 'unique constraint' WHEN 'exclusion' THEN "
                               "'exclusion constraint' WHEN 'inbound key' THEN 'foreign key' ELSE "
                               "c.kind END,"
                               "              c.name), c.definition"
                               "  FROM accord_catalog.migration_companion c JOIN accord_catalog.migration m ON m.id = c.migration_id"
                               "  JOIN accord_catalog.contract k ON k.id = c.contract_id"
                               " WHERE c.contract_id = $1::bigint AND coalesce(c.relation, k.relation) = $2::oid AND m.state = 'preparing' "
                               "AND c.role <> 'dropped'"
                               "   AND c.kind IN ('index', 'unique', 'primary key', 'exclusion', 'foreign key', 'inbound key') ORDER BY "
                               "c.migration_id, c.ordinal",
                               {contract.id, contract.relation})) {
    plan::surroundings::keyed key{row.text(0), {}, true, {}};
    key.twin.name = "_accord_";
    for (const auto& column : columns)
      if (change::names_column(row.text(1), column.text(0))) key.columns.push_back(column.text(0));
    around.keys.push_back(std::move(key));
  }
}

// Checks and foreign keys of the table, foreign keys to it, its partition key, extended statistics.
void read_constraints(Oid relation, plan::surroundings& around) {
  auto rows = query(
      "WITH named AS ("
      "  SELECT format('%s \"%s\"', CASE c.contype WHEN 'f' THEN 'foreign key' WHEN 'n' THEN 'not-null constraint' ELSE 'check constraint' "
      "END, c.conname) AS description, "
      "true "
      "AS goes,"
      "         CASE WHEN starts_with(c.conname, '_accord_') OR starts_with(c.conname, '~accord_') THEN '' WHEN c.contype <> 'f' THEN "
      "'check'"
      // While the other table's migration carries it, it has two ends already.
      "              WHEN EXISTS (SELECT FROM accord_catalog.migration_companion o WHERE o.kind = 'inbound key' AND o.name = c.conname"
      "                              AND o.detail->>'references' = c.conrelid::regclass::text) THEN ''"
      "              ELSE 'foreign key' END AS kind, c.conname AS name, c.convalidated AS proven,"
      "         c.condeferrable AS can_wait, c.condeferred AS waits, obj_description(c.oid, 'pg_constraint') AS comment,"
      "         coalesce(nullif(c.confrelid, 0)::regclass::text, '') AS target,"
      "         c.conkey || CASE WHEN c.confrelid = c.conrelid THEN c.confkey ELSE '{}' END AS key, c.confrelid = c.conrelid AS late, "
      "c.contype = 'f' AND (SELECT relkind = 'p' FROM pg_class WHERE oid = c.conrelid) AS of_partitioned, c.coninhcount > 0 AS merged,"
      "         CASE WHEN c.confrelid = c.conrelid THEN c.confkey END AS referenced"
      "    FROM pg_constraint c WHERE c.conrelid = $1::oid AND c.conparentid = 0"
      // 18 can have a NOT NULL that is not valid yet: a check by another name.
      "     AND (c.contype IN ('c', 'f') OR c.contype = 'n' AND NOT c.convalidated)"
      "     AND NOT (c.contype <> 'f' AND starts_with(c.conname, '_accord_'))"
      // What a table only inherits goes with that of its parents.
      "     AND (c.conislocal OR c.coninhcount = 0)"
      "  UNION ALL"
      "  SELECT format('foreign key \"%s\" of table \"%s\"', c.conname, t.relname), false,"
      "         CASE WHEN starts_with(c.conname, '_accord_') THEN '' ELSE 'inbound key' END, c.conname, c.convalidated, "
      "c.condeferrable, "
      "c.condeferred, obj_description(c.oid, 'pg_constraint'), c.conrelid::regclass::text, c.confkey, true, t.relkind = 'p', false, "
      "c.confkey"
      "    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid"
      "   WHERE c.confrelid = $1::oid AND c.conrelid <> $1::oid AND c.contype = 'f' AND c.conparentid = 0"
      "  UNION ALL"
      "  SELECT format('statistics \"%s\"', s.stxname), true, 'statistics', s.stxname, true, false, false,"
      "         obj_description(s.oid, 'pg_statistic_ext'), '',"
      "         ARRAY(SELECT d.refobjsubid::smallint FROM pg_depend d WHERE d.classid = 'pg_statistic_ext'::regclass AND d.objid = s.oid"
      "                  AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::oid AND d.refobjsubid > 0), false, false, false, NULL"
      "    FROM pg_statistic_ext s WHERE s.stxrelid = $1::oid AND s.stxnamespace = (SELECT relnamespace FROM pg_class WHERE oid = $1::oid)"
      "  UNION ALL"
      "  SELECT 'partition key', false, '', '', true, false, false, NULL, '',"
      "         ARRAY(SELECT k FROM unnest(p.partattrs::smallint[]) k WHERE k > 0"
      "               UNION SELECT d.refobjsubid::smallint FROM pg_depend d"
      "                      WHERE d.classid = 'pg_class'::regclass AND d.objid = $1::oid AND d.objsubid = 0"
      "                        AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::oid AND d.refobjsubid > 0), false, false, "
      "false, NULL"
      "    FROM pg_partitioned_table p WHERE p.partrelid = $1::oid"
      ") SELECT description, goes, kind, name, proven, can_wait, waits, comment, target,"
      "         ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = $1::oid AND a.attnum = ANY (key)), late, "
      "of_partitioned, merged,"
      "         ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = $1::oid AND a.attnum = ANY (referenced))"
      "    FROM named ORDER BY description COLLATE \"C\"",
      {relation});
  for (const auto& row : rows) {
    plan::surroundings::keyed key{row.text(0), row.texts(9), row.boolean(1), {}};
    key.twin.kind = plan::companion_kind_of(row.text(2));
    key.twin.name = row.text(3);
    key.twin.validated = row.boolean(4);
    key.twin.deferrable = row.boolean(5);
    key.twin.deferred = row.boolean(6);
    key.twin.comment = row.optional(7);
    key.twin.references = row.text(8);
    key.twin.late = row.boolean(10);
    key.twin.of_partitioned = row.boolean(11);
    key.twin.merged = row.boolean(12);
    key.referenced = row.texts(13);
    around.keys.push_back(std::move(key));
  }
}

// What ALTER COLUMN can say of a column beside its type, default and nullability.
void read_traits(Oid relation, plan::surroundings& around) {
  for (const auto& row :
       query("SELECT a.attname,"
             "       array_remove(ARRAY[CASE WHEN a.attstattarget >= 0 THEN 'SET STATISTICS ' || a.attstattarget END,"
             "                          CASE WHEN a.attstorage <> t.typstorage THEN 'SET STORAGE ' || CASE a.attstorage WHEN 'p' THEN "
             "'PLAIN' "
             "WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END END,"
             "                          CASE a.attcompression WHEN 'p' THEN 'SET COMPRESSION pglz' WHEN 'l' THEN 'SET COMPRESSION lz4' END,"
             "                          'SET (' || (SELECT string_agg(o, ', ') FROM unnest(a.attoptions) o"
             // Where the server keeps a column's version there, that is its own affair.
             "                                       WHERE NOT starts_with(o, 'pg_attver=')) || ')'], NULL),"
             "       ARRAY(SELECT e.privilege_type || CASE WHEN e.is_grantable THEN '*' ELSE '' END FROM aclexplode(a.attacl) e"
             "              WHERE e.grantee <> c.relowner ORDER BY e.grantee, e.privilege_type),"
             "       ARRAY(SELECT CASE WHEN e.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(e.grantee)) END FROM "
             "aclexplode(a.attacl) e"
             "              WHERE e.grantee <> c.relowner ORDER BY e.grantee, e.privilege_type)"
             "  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid"
             " WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped",
             {relation})) {
    plan::column_traits traits;
    traits.physical = row.text(0);
    traits.actions = row.texts(1);
    auto kinds = row.texts(2), roles = row.texts(3);
    for (std::size_t i = 0; i < kinds.size(); i++) {
      bool grantable = kinds[i].back() == '*';
      if (grantable) kinds[i].pop_back();
      traits.grants.push_back({kinds[i], roles[i] + (grantable ? " WITH GRANT OPTION" : "")});
    }
    if (!traits.actions.empty() || !traits.grants.empty()) around.traits.push_back(std::move(traits));
  }
}

void read_triggers(Oid relation, plan::surroundings& around) {
  for (const auto& row :
       query("SELECT t.tgname, t.tgtype & 3 = 3 AND t.tgtype & 20 <> 0 AND t.tgenabled <> 'D',"
             "       ARRAY(SELECT DISTINCT a.attname::text FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = "
             "d.refobjsubid"
             "              WHERE d.classid = 'pg_trigger'::regclass AND d.objid = t.oid AND d.refclassid = 'pg_class'::regclass"
             "                AND d.refobjid = $1::oid AND d.refobjsubid > 0)"
             "  FROM pg_trigger t WHERE t.tgrelid = $1::oid AND NOT t.tgisinternal AND t.tgname NOT IN ('!accord_sync', '~accord_sync')"
             " ORDER BY t.tgname COLLATE \"C\"",
             {relation}))
    around.triggers.push_back({row.text(0), row.boolean(1), row.texts(2)});
}

void read_policies(Oid relation, plan::surroundings& around) {
  for (const auto& row :
       query("SELECT p.polname,"
             "       ARRAY(SELECT DISTINCT a.attname::text FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = "
             "d.refobjsubid"
             "              WHERE d.classid = 'pg_policy'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_class'::regclass"
             "                AND d.refobjid = $1::oid AND d.refobjsubid > 0)"
             "  FROM pg_policy p WHERE p.polrelid = $1::oid ORDER BY p.polname COLLATE \"C\"",
             {relation}))
    around.policies.push_back({row.text(0), row.texts(1)});
}

void read_publications(Oid relation, plan::surroundings& around) {
  // A partitioned table can have a list only where it is published as one table.
  for (const auto& row : query(
           "SELECT p.pubname, CASE WHEN n.pnpubid IS NULL THEN l.statements END"
           "  FROM pg_publication p"
           "  LEFT JOIN pg_publication_namespace n"
           "    ON n.pnpubid = p.oid AND n.pnnspid = (SELECT relnamespace FROM pg_class WHERE oid = $1::oid),"
           "  LATERAL (SELECT string_agg(CASE WHEN c.relkind = 'p' AND NOT p.pubviaroot"
           "                                  THEN format('ALTER PUBLICATION %I SET (publish_via_partition_root); ', p.pubname) ELSE '' END"
           "                             || format('ALTER PUBLICATION %1$I DROP TABLE ONLY %2$s; ALTER PUBLICATION %1$I ADD TABLE ONLY"
           " %2$s (%3$s)%4$s;', p.pubname, format('%I.%I', s.nspname, c.relname),"
           "                (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a"
           "                  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''"
           "                    AND NOT starts_with(a.attname, '_accord_')),"
           "                ' WHERE ' || pg_get_expr(r.prqual, r.prrelid)), ' ' ORDER BY c.oid)"
           "             FROM pg_publication_rel r JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace s ON s.oid = c.relnamespace"
           "            WHERE r.prpubid = p.oid AND r.prattrs IS NULL"
           "              AND (c.oid = $1::oid OR c.oid IN (SELECT relid FROM pg_partition_tree($1::oid)))) l(statements)"
           " WHERE p.puballtables OR n.pnpubid IS NOT NULL OR l.statements IS NOT NULL"
           " ORDER BY p.pubname COLLATE \"C\"",
           {relation}))
    around.publications.push_back({row.text(0), row.text_or(1, "")});
  for (const auto& row : query("WITH RECURSIVE tree(oid) AS ("
                               "  SELECT $1::oid UNION SELECT i.inhrelid FROM pg_inherits i JOIN tree ON i.inhparent = tree.oid)"
                               " SELECT p.pubname, ARRAY("
                               "        SELECT DISTINCT a.attname::text FROM pg_depend d"
                               "          JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid"
                               "         WHERE d.classid = 'pg_publication_rel'::regclass AND d.objid = r.oid"
                               "           AND d.refclassid = 'pg_class'::regclass AND d.refobjid = r.prrelid)"
                               "   FROM pg_publication_rel r JOIN tree ON tree.oid = r.prrelid JOIN pg_publication p ON p.oid = r.prpubid"
                               "  WHERE r.prattrs IS NOT NULL OR r.prqual IS NOT NULL ORDER BY p.pubname COLLATE \"C\"",
                               {relation}))
    around.published_columns.push_back({row.text(0), row.texts(1)});
}

// Asks the server about each table that holds rows.
std::string why_not_updatable(Oid relation) {
  reported_error error;
  bool fine = subtransaction(
      [&] {
        pg([&] {
          List* tables = find_all_inheritors(relation, AccessShareLock, nullptr);
          for (int i = 0; i < list_length(tables); i++) {
            Relation one = table_open(list_nth_oid(tables, i), NoLock);
            if (RELKIND_HAS_STORAGE(one->rd_rel->relkind)) CheckCmdReplicaIdentity(one, CMD_UPDATE);
            table_close(one, NoLock);
          }
        });
      },
      error);
  return fine                   ? ""
         : error.detail.empty() ? error.message
                                : fmt::format("{}.  {}", error.message, error.detail.substr(0, error.detail.find_last_not_of('.') + 1));
}

void read_privileges(Oid relation, plan::surroundings& around) {
  for (const auto& row : query("SELECT a.attname, array_agg(DISTINCT coalesce(r.rolname::text, 'public'))"
                               "  FROM pg_attribute a CROSS JOIN LATERAL aclexplode(a.attacl) e LEFT JOIN pg_roles r ON r.oid = e.grantee"
                               " WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped"
                               "   AND e.grantee <> (SELECT relowner FROM pg_class WHERE oid = $1::oid) GROUP BY a.attname",
                               {relation}))
    around.grantees[row.text(0)] = row.texts(1);
}

}  // namespace

plan::surroundings surroundings_of(const registry::contract& contract, int major) {
  plan::surroundings around;
  Oid relation = contract.relation;
  read_indexes(relation, around);
  read_constraints(relation, around);
  read_unbuilt(contract, around);
  read_traits(relation, around);
  around.sequences = owned_sequences(relation);
  read_triggers(relation, around);
  read_policies(relation, around);
  read_publications(relation, around);
  around.not_updatable = why_not_updatable(relation);
  read_privileges(relation, around);
  // A consumer with a schema of its own sees its columns there and not those of the table.
  for (const auto& row :
       query("SELECT c.name FROM accord_catalog.subscription s JOIN accord_catalog.consumer c ON c.id = s.consumer_id"
             " WHERE s.contract_id = $1::bigint AND s.major = $2::integer AND s.strictness IN ('star', 'exact')"
             "   AND NOT EXISTS (SELECT FROM accord_catalog.generation g WHERE g.consumer_id = c.id AND g.retired_at IS NULL)"
             " ORDER BY c.name COLLATE \"C\"",
             {contract.id, major}))
    around.star_consumers.push_back(row.text(0));
  auto kind = query(
      "SELECT relispartition, ARRAY(SELECT i.inhparent::regclass::text FROM pg_inherits i WHERE i.inhrelid = c.oid ORDER BY i.inhseqno),"
      "       ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.attinhcount > 0),"
      "       (WITH RECURSIVE above(oid) AS (SELECT inhparent FROM pg_inherits WHERE inhrelid = $1::oid"
      "                                      UNION SELECT i.inhparent FROM pg_inherits i JOIN above ON i.inhrelid = above.oid)"
      "        SELECT min(k.relation::text) FROM above JOIN accord_catalog.contract k ON k.relation = above.oid"
      "          JOIN accord_catalog.migration_relation r ON r.contract_id = k.id JOIN accord_catalog.migration m ON m.id = r.migration_id"
      "         WHERE k.id <> $2::bigint AND m.state IN ('preparing', 'active', 'completed'))"
      "  FROM pg_class c WHERE c.oid = $1::oid",
      {relation, contract.id});
  around.is_partition = kind.front().boolean(0);
  around.parents = kind.front().texts(1);
  for (auto& name : kind.front().texts(2))
    around.inherited.insert(std::move(name));
  around.migrating_parent = kind.front().text_or(3, "");
  return around;
}

std::map<std::string, std::optional<std::string>> physical_defaults(Oid relation) {
  std::map<std::string, std::optional<std::string>> defaults;
  for (const auto& row : query("SELECT a.attname, CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, 0) END"
                               "  FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
                               " WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped",
                               {relation}))
    defaults[row.text(0)] = row.optional(1);
  return defaults;
}

std::vector<plan::owned_sequence> owned_sequences(Oid relation) {
  std::vector<plan::owned_sequence> sequences;
  for (const auto& row :
       query("SELECT format('%I.%I', n.nspname, s.relname), a.attname, format_type(q.seqtypid, NULL), d.deptype = 'i'"
             "  FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_sequence q ON q.seqrelid = s.oid"
             "  JOIN pg_namespace n ON n.oid = s.relnamespace"
             "  JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid"
             " WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::oid"
             "   AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i') ORDER BY 1",
             {relation}))
    sequences.push_back({row.text(0), row.text(1), row.text(2), row.boolean(3)});
  return sequences;
}

std::vector<core::privilege> table_privileges(Oid relation) {
  std::vector<core::privilege> privileges;
  for (const auto& row : query("SELECT coalesce(r.rolname::text, 'public'), e.privilege_type, bool_or(e.is_grantable)"
                               "  FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) e LEFT JOIN pg_roles r ON r.oid = e.grantee"
                               " WHERE c.oid = $1::oid AND e.grantee <> c.relowner GROUP BY 1, 2 ORDER BY 1, 2",
                               {relation}))
    privileges.push_back({row.text(0), row.text(1), "", row.boolean(2)});
  return privileges;
}

std::vector<std::string> users_of_schema(Oid relation) {
  std::vector<std::string> users;
  for (const auto& row : query("SELECT DISTINCT u.name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                               "  CROSS JOIN LATERAL (SELECT coalesce(r.rolname::text, 'public') AS name"
                               "                        FROM aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) e LEFT JOIN "
                               "pg_roles r ON r.oid = e.grantee"
                               "                       WHERE e.privilege_type = 'USAGE' UNION SELECT pg_get_userbyid(c.relowner)::text) u"
                               " WHERE c.oid = $1::oid ORDER BY u.name",
                               {relation}))
    users.push_back(row.text(0));
  return users;
}

std::string owner_of(Oid relation) {
  return query("SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = $1::oid", {relation}).front().text(0);
}

Oid owner_oid(Oid relation) {
  return pg([&] {
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
    if (!HeapTupleIsValid(tuple)) elog(ERROR, "cache lookup failed for relation %u", relation);
    Oid owner = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relowner;
    ReleaseSysCache(tuple);
    return owner;
  });
}

bool is_kept_in_step(Oid relation) {
  return query(
             "SELECT count(*) = 2 FROM pg_trigger WHERE tgrelid = $1::oid AND tgname IN ('!accord_sync', '~accord_sync') AND tgenabled = "
             "'A'",
             {relation})
      .front()
      .boolean(0);
}

}  // namespace accord::migration
