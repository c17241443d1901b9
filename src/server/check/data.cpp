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
    if (c->fk_attrs == NIL || list_length(c->fk_attrs) != list_length(c->pk_attrs) || !OidIsValid(referenced)) return;
    std::string known, same;
    for (int i = 0; i < list_length(c->fk_attrs); i++) {
      std::string from = core::quote_identifier(strVal(list_nth(c->fk_attrs, i))),
                  to = core::quote_identifier(strVal(list_nth(c->pk_attrs, i)));
      known += fmt::format("{}t.{} IS NOT NULL", i ? " AND " : "", from);
      same += fmt::format("{}r.{} = t.{}", i ? " AND " : "", to, from);
    }
    ask("MF04",
        fmt::format("SELECT true FROM {} t WHERE {} AND NOT EXISTS (SELECT FROM {} r WHERE {}) LIMIT 1", sample(), known, other.sql(),
                    same),
        "there are rows that refer to nothing");
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
