// data.  See data.hpp.
#include "server/check/data.hpp"

#include <fmt/format.h>

#include "core/name.hpp"
#include "pg/spi.hpp"
#include "server/ddl/source.hpp"
#include "server/ddl/statement.hpp"

#include "pg/pg.h"

namespace accord::check {

namespace {

constexpr int rows_looked_at = 10000;

class look {
 public:
  look(Oid original, core::qualified_name table, const executor& by) : original_(original), table_(std::move(table)), by_(by) {}

  std::vector<hazard> found;

  void not_null(const std::string& column) {
    ask("MF02", fmt::format("SELECT true FROM {} t WHERE {} IS NULL LIMIT 1", sample(), core::quote_identifier(column)),
        fmt::format("column \"{}\" has NULLs", column));
  }

  void unique(List* keys) {
    std::string columns, known;
    for (int i = 0; i < list_length(keys); i++) {
      std::string name = core::quote_identifier(strVal(list_nth(keys, i)));
      columns += (i ? ", " : "") + name;
      known += (i ? " AND " : "") + name + " IS NOT NULL";
    }
    if (columns.empty()) return;
    ask("MF01", fmt::format("SELECT true FROM {} t WHERE {} GROUP BY {} HAVING count(*) > 1 LIMIT 1", sample(), known, columns),
        fmt::format("({}) has duplicates", columns));
  }

  void check(const std::string& condition) {
    if (!condition.empty())
      ask("MF04", fmt::format("SELECT true FROM {} t WHERE NOT ({}) LIMIT 1", sample(), condition), "there are rows that violate it");
  }

  void foreign_key(Constraint* c, Oid referenced, const core::qualified_name& other) {
    if (!OidIsValid(referenced)) return;
    std::vector<std::string> keys;
    for (int i = 0; i < list_length(c->pk_attrs); i++)
      keys.emplace_back(strVal(list_nth(c->pk_attrs, i)));
    if (keys.empty()) keys = primary_key(referenced);
    if (c->fk_attrs == NIL || static_cast<std::size_t>(list_length(c->fk_attrs)) != keys.size()) return;
    std::string known, same;
    for (int i = 0; i < list_length(c->fk_attrs); i++) {
      std::string from = core::quote_identifier(strVal(list_nth(c->fk_attrs, i))),
                  to = core::quote_identifier(keys[static_cast<std::size_t>(i)]);
      known += fmt::format("{}t.{} IS NOT NULL", i ? " AND " : "", from);
      same += fmt::format("{}r.{} = t.{}", i ? " AND " : "", to, from);
    }
    ask("MF04",
        fmt::format("SELECT true FROM {} t WHERE {} AND NOT EXISTS (SELECT FROM {} r WHERE {}) LIMIT 1", sample(), known, other.sql(),
                    same),
        "there are rows that refer to nothing");
  }

  // Rows that others refer to cannot leave with their partition.
  void detach(Oid partition) {
    for (const auto& key : references_to_its_rows(partition))
      ask("MF04",
          fmt::format("SELECT true FROM (SELECT * FROM {} LIMIT {}) t JOIN {} r ON {} LIMIT 1", key.table, rows_looked_at, table_.sql(),
                      key.condition),
          fmt::format("{} has rows that refer to it, by constraint \"{}\"", key.table, key.name));
  }

  void cast(const std::string& column, const std::string& expression, const std::string& type) {
    std::string value = expression.empty() ? core::quote_identifier(column) : expression;
    reported_error error;
    if (run(fmt::format("SELECT count((({})::{})) FROM {} t", value, type, sample()), error)) return;
    if (error.sqlstate.starts_with("22") || error.sqlstate.starts_with("23"))
      found.push_back({"MF03", "error", fmt::format("column \"{}\": {}", column, error.message), {}});
  }

 private:
  std::string sample() const { return fmt::format("(SELECT * FROM ONLY {} LIMIT {})", table_.sql(), rows_looked_at); }

  static std::vector<std::string> primary_key(Oid table) {
    pinned_search_path path;
    auto rows = spi::query(
        "SELECT array_agg(a.attname ORDER BY k.place) FROM pg_constraint c, unnest(c.conkey) WITH ORDINALITY k(number, place)"
        "  JOIN pg_attribute a ON a.attnum = k.number WHERE c.conrelid = $1::oid AND a.attrelid = c.conrelid AND c.contype = 'p'",
        {table});
    return rows.front().is_null(0) ? std::vector<std::string>{} : rows.front().texts(0);
  }

  struct reference {
    std::string name, table, condition;
  };
  // Foreign keys to a partitioned table above it, with the columns by their names, which are the same below.
  static std::vector<reference> references_to_its_rows(Oid partition) {
    pinned_search_path path;
    std::vector<reference> found;
    for (const auto& row : spi::query(
             "SELECT c.conname, format('%I.%I', n.nspname, t.relname),"
             "       (SELECT string_agg(format('t.%I = r.%I', f.attname, p.attname), ' AND ' ORDER BY k.place)"
             "          FROM unnest(c.conkey, c.confkey) WITH ORDINALITY k(own, other, place)"
             "          JOIN pg_attribute f ON f.attrelid = c.conrelid AND f.attnum = k.own"
             "          JOIN pg_attribute p ON p.attrelid = c.confrelid AND p.attnum = k.other)"
             "  FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace"
             " WHERE c.contype = 'f' AND c.conparentid = 0 AND c.confrelid IN (SELECT relid FROM pg_partition_ancestors($1::oid::regclass))"
             "   AND c.confrelid <> $1::oid ORDER BY 1, 2",
             {partition}))
      found.push_back({row.text(0), row.text(1), row.text(2)});
    return found;
  }

  bool run(const std::string& sql, reported_error& error, bool* any = nullptr) {
    return subtransaction(
        [&] {
          local_settings s;
          s.set("row_security", "off");
          Oid table = original_;
          // Whoever holds the table against readers is not waited for.
          if (!pg([&] { return ConditionalLockRelationOid(table, AccessShareLock); })) throw core::failure("55P03", "");
          as_executor owner(by_);
          auto rows = spi::query(sql);
          if (any) *any = !rows.empty();
        },
        error);
  }

  void ask(const char* id, const std::string& sql, const std::string& answer) {
    reported_error error;
    bool any = false;
    if (run(sql, error, &any) && any) found.push_back({id, "error", answer, {}});
  }

  Oid original_;
  core::qualified_name table_;
  executor by_;
};

bool is_ordinary(char kind) {
  return kind == RELKIND_RELATION || kind == RELKIND_MATVIEW;
}

}  // namespace

std::vector<hazard> data_hazards(Node* tree, const std::string& text, Oid clone, const engine& clones, const executor& by) {
  if (IsA(tree, AlterTableStmt))
    if (auto* c = static_cast<AlterTableCmd*>(linitial(reinterpret_cast<AlterTableStmt*>(tree)->cmds)); c->subtype == AT_DetachPartition) {
      Oid partition = pg([&] { return RangeVarGetRelid(reinterpret_cast<PartitionCmd*>(c->def)->name, NoLock, true); });
      auto leaving = clones.relations().find(partition);
      if (leaving == clones.relations().end() || !OidIsValid(leaving->second.original)) return {};
      look l(leaving->second.original, ddl::catalog_world().name_of(leaving->second.original), by);
      l.detach(leaving->second.original);
      return l.found;
    }
  auto known = clones.relations().find(clone);
  if (known == clones.relations().end() || !OidIsValid(known->second.original) || !is_ordinary(known->second.kind)) return {};
  Oid original = known->second.original;
  auto name = ddl::catalog_world().name_of(original);
  look l(original, name, by);
  ddl::source words(text);
  if (IsA(tree, IndexStmt)) {
    auto* index = reinterpret_cast<IndexStmt*>(tree);
    List* keys = NIL;
    for (int i = 0; i < list_length(index->indexParams); i++) {
      auto* part = static_cast<IndexElem*>(list_nth(index->indexParams, i));
      if (!part->name) return {};
      keys = pg([&] { return lappend(keys, makeString(part->name)); });
    }
    if (index->unique && !index->whereClause) l.unique(keys);
    return l.found;
  }
  if (!IsA(tree, AlterTableStmt)) return {};
  List* commands = reinterpret_cast<AlterTableStmt*>(tree)->cmds;
  for (int i = 0; i < list_length(commands); i++) {
    auto* c = static_cast<AlterTableCmd*>(list_nth(commands, i));
    if (c->subtype == AT_SetNotNull) l.not_null(c->name);
    if (c->subtype == AT_AlterColumnType) {
      auto* d = reinterpret_cast<ColumnDef*>(c->def);
      std::string type = pg([&] {
        int32 modifier;
        HeapTuple tuple = LookupTypeName(nullptr, d->typeName, &modifier, true);
        if (!tuple) return "";
        Oid oid = reinterpret_cast<Form_pg_type>(GETSTRUCT(tuple))->oid;
        ReleaseSysCache(tuple);
        return const_cast<const char*>(format_type_extended(oid, modifier, FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY));
      });
      std::string expression = d->raw_default ? words.using_expression(d->typeName->location) : std::string();
      if (!type.empty() && type.find("accord_check_") == std::string::npos) l.cast(c->name, expression, type);
    }
    if (c->subtype != AT_AddConstraint) continue;
    auto* k = reinterpret_cast<Constraint*>(c->def);
    if (k->skip_validation || k->indexname) continue;
    if (k->contype == CONSTR_UNIQUE || k->contype == CONSTR_PRIMARY) l.unique(k->keys);
    if (k->contype == CONSTR_CHECK) l.check(words.parenthesised(k->location));
    if (k->contype == CONSTR_FOREIGN) {
      Oid to = pg([&] { return RangeVarGetRelid(k->pktable, NoLock, true); });
      if (auto r = clones.relations().find(to); r != clones.relations().end() && OidIsValid(r->second.original))
        l.foreign_key(k, r->second.original, ddl::catalog_world().name_of(r->second.original));
    }
  }
  return l.found;
}

}  // namespace accord::check
