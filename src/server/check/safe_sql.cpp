// safe_sql.  See safe_sql.hpp.
#include "server/check/safe_sql.hpp"

#include <fmt/format.h>

#include "core/name.hpp"
#include "pg/spi.hpp"
#include "rule/stage_call.hpp"
#include "server/check/names.hpp"
#include "server/ddl/source.hpp"
#include "server/ddl/statement.hpp"
#include "server/registry/contract.hpp"

#include "pg/pg.h"

namespace accord::check::safe_sql {

namespace {

std::string named(const hazard_input& in) {
  return in.named.empty() ? std::string() : in.clones->at(in.named.front()).name.sql();
}

char kind_of_named(const hazard_input& in) {
  return in.named.empty() ? '\0' : in.clones->at(in.named.front()).kind;
}

std::string columns_of(List* keys) {
  std::string text;
  for (int i = 0; i < list_length(keys); i++)
    text += (i ? ", " : "") + core::quote_identifier(strVal(list_nth(keys, i)));
  return text;
}

}  // namespace

std::string with_words_after(const std::string& text, std::string_view after, std::string_view words) {
  ddl::source source(text);
  for (const auto& t : source.tokens())
    if (identifier(source.word(t)) == after) {
      std::string result = text;
      result.insert(static_cast<std::size_t>(t.end), " " + std::string(words));
      return result;
    }
  return {};
}

std::string index_concurrently(const hazard_input& in, IndexStmt* index) {
  if (kind_of_named(in) != RELKIND_PARTITIONED_TABLE) return with_words_after(in.text, "index", "CONCURRENTLY");
  // On the parent alone first, which takes no time, then on each partition; the last one attached makes the parent's valid.
  if (!index->idxname || in.named.empty()) return {};
  std::string parent = core::qualified_name{in.clones->at(in.named.front()).name.schema, index->idxname}.sql();
  std::string script = with_words_after(in.text, "on", "ONLY") + ";";
  ddl::source source(in.text);
  const auto& tokens = source.tokens();
  std::size_t table = 0, open = 0;
  for (std::size_t i = 0; i < tokens.size() && !open; i++) {
    if (identifier(source.word(tokens[i])) == "on") table = i;
    if (table && (source.word(tokens[i]) == "(" || identifier(source.word(tokens[i])) == "using")) open = i;
  }
  if (!open) return {};
  std::string rest = in.text.substr(static_cast<std::size_t>(tokens[open].begin));
  for (Oid clone : in.what->scanned) {
    auto name = in.clones->at(clone).name;
    std::string own = core::fitted_name(index->idxname + std::string("_"), name.name);
    script += fmt::format("\nCREATE {}INDEX CONCURRENTLY {} ON {} {};\nALTER INDEX {} ATTACH PARTITION {};", index->unique ? "UNIQUE " : "",
                          core::quote_identifier(own), name.sql(), rest, parent, core::qualified_name{name.schema, own}.sql());
  }
  return script;
}

std::string drop_index_concurrently(const hazard_input& in, DropStmt* drop) {
  std::string script;
  for (const auto& l : in.what->locks)
    if (in.clones->at(l.clone).kind == RELKIND_PARTITIONED_INDEX) return {};
  for (int i = 0; i < list_length(drop->objects); i++)
    for (const auto& l : in.what->locks) {
      const auto& r = in.clones->at(l.clone);
      if (r.kind != RELKIND_INDEX || r.name.name != strVal(llast(static_cast<List*>(list_nth(drop->objects, i))))) continue;
      script += (script.empty() ? "" : "\n") + fmt::format("DROP INDEX CONCURRENTLY {};", r.name.sql());
    }
  return script;
}

std::string reindex_concurrently(const hazard_input& in) {
  auto* reindex = reinterpret_cast<ReindexStmt*>(in.tree);
  return with_words_after(in.text, reindex->kind == REINDEX_OBJECT_INDEX ? "index" : "table", "CONCURRENTLY");
}

std::string refresh_concurrently(const hazard_input& in) {
  bool unique =
      !in.named.empty() &&
      !spi::query("SELECT FROM pg_catalog.pg_index WHERE indrelid = $1::oid AND indisunique AND indpred IS NULL AND indexprs IS NULL",
                  {in.named.front()})
           .empty();
  return unique ? with_words_after(in.text, "view", "CONCURRENTLY") : std::string();
}

std::string detach_first(const hazard_input& in, DropStmt*) {
  std::string table = named(in);
  for (const auto& l : in.what->locks) {
    if (in.clones->at(l.clone).kind != RELKIND_PARTITIONED_TABLE || names(in, l.clone)) continue;
    bool has_default = !spi::query("SELECT FROM pg_catalog.pg_partitioned_table WHERE partrelid = $1::oid AND partdefid <> 0",
                                   {in.clones->at(l.clone).original})
                            .empty();
    if (has_default) return {};
    return fmt::format("ALTER TABLE {} DETACH PARTITION {} CONCURRENTLY;\nDROP TABLE {};", in.clones->at(l.clone).name.sql(), table, table);
  }
  return {};
}

std::string drop_keys_first(const hazard_input& in, const std::vector<Oid>&) {
  std::string script;
  for (Oid clone : in.named) {
    Oid original = in.clones->at(clone).original;
    for (const auto& row : spi::query(
             "SELECT conname FROM pg_catalog.pg_constraint WHERE conrelid = $1::oid AND contype = 'f' AND conparentid = 0 ORDER BY conname",
             {original}))
      script += fmt::format("SET lock_timeout = '2s'; ALTER TABLE {} DROP CONSTRAINT {};\n", in.clones->at(clone).name.sql(),
                            core::quote_identifier(row.text(0)));
  }
  return script.empty() ? script : script + in.text + ";";
}

std::string view_with_old_name(const hazard_input& in, RenameStmt* rename) {
  if (in.named.empty() || !rename->relation) return {};
  auto old = in.clones->at(in.named.front()).name;
  core::qualified_name now{old.schema, rename->newname};
  return fmt::format("BEGIN;\n{};\nCREATE VIEW {} AS SELECT * FROM {};\nCOMMIT;", in.text, old.sql(), now.sql());
}

std::string domain_not_valid(const hazard_input& in) {
  auto* alter = reinterpret_cast<AlterDomainStmt*>(in.tree);
  if (alter->subtype != 'C' || !alter->def) return {};
  return in.text + " NOT VALID;";
}

std::string not_null(const std::string& table, const std::string& column) {
  std::string name = core::quote_identifier(core::fitted_name(column + "_", "not_null")), quoted = core::quote_identifier(column);
  return fmt::format(
      "ALTER TABLE {0} ADD CONSTRAINT {1} CHECK ({2} IS NOT NULL) NOT VALID;\nALTER TABLE {0} VALIDATE CONSTRAINT {1};\n"
      "ALTER TABLE {0} ALTER COLUMN {2} SET NOT NULL;\nALTER TABLE {0} DROP CONSTRAINT {1};",
      table, name, quoted);
}

std::string not_valid(const std::string& table, const std::string& constraint, const std::string& definition) {
  std::string name = core::quote_identifier(constraint);
  return fmt::format("ALTER TABLE {0} ADD CONSTRAINT {1} {2} NOT VALID;\nALTER TABLE {0} VALIDATE CONSTRAINT {1};", table, name,
                     definition);
}

std::string key_from_index(const std::string& table, Constraint* constraint) {
  if (constraint->keys == NIL) return {};
  bool primary = constraint->contype == CONSTR_PRIMARY;
  ddl::source parts(table);
  std::string last = identifier(parts.word(parts.tokens().back()));
  std::string name = constraint->conname ? constraint->conname : core::fitted_name(last + "_", primary ? "pkey" : "key");
  name = core::quote_identifier(name);
  return fmt::format("CREATE UNIQUE INDEX CONCURRENTLY {0} ON {1} ({2});\nALTER TABLE {1} ADD CONSTRAINT {0} {3} USING INDEX {0};", name,
                     table, columns_of(constraint->keys), primary ? "PRIMARY KEY" : "UNIQUE");
}

namespace {

// The table as it was before the script, whatever name the statement gives it.
class one_table : public ddl::world {
 public:
  explicit one_table(const relation& r) : relation_(r), shape_(registry::capture_shape(r.original)) {}
  Oid find(const RangeVar*) override { return relation_.original; }
  core::qualified_name name_of(Oid) override { return shape_.relation; }
  const core::shape* shape_of(Oid) override { return &shape_; }
  bool is_ahead() const override { return true; }
  const core::shape& shape() const { return shape_; }

 private:
  const relation& relation_;
  core::shape shape_;
};

}  // namespace

std::string stage(const hazard_input& in) {
  if (kind_of_named(in) != RELKIND_RELATION) return {};
  const relation& r = in.clones->at(in.named.front());
  one_table world(r);
  auto statements = ddl::parse(in.text, world);
  if (statements.size() != 1 || statements.front().changes.empty()) return {};
  std::string call = rule::stage_call(world.shape().relation, world.shape(), statements.front().changes);
  if (call.empty() || registry::find_contract(r.original)) return call;
  return fmt::format("SELECT accord.register_contract({});\n{}", core::quote_literal(r.name.sql()), call);
}

bool is_partitioned_family(const hazard_input& in, Oid clone) {
  const auto& r = in.clones->at(clone);
  if (r.kind == RELKIND_PARTITIONED_TABLE) return true;
  return pg([&] { return get_rel_relispartition(clone); });
}

}  // namespace accord::check::safe_sql
