// See twin_definitions.hpp.
#include "server/migration/twin_definitions.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/renaming.hpp"
#include "pg/scope.hpp"
#include "plan/errors.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/own_ddl.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

using core::quote_identifier;
using core::quote_literal;
using plan::companion;
using plan::companion_kind;

std::string described(const companion& c) {
  return fmt::format("{}{} \"{}\"", plan::name_of(c.kind), c.kind == companion_kind::exclusion ? " constraint" : "", c.name);
}

// The physical columns that take the place of others, by the names of the columns that they replace.
std::vector<std::pair<std::string, std::string>> replacements(const plan::migration& m) {
  std::vector<std::pair<std::string, std::string>> result;
  for (const auto& [before, after] : m.successions())
    result.emplace_back(m.old_version().find(before)->physical, m.new_version().find(after)->physical);
  return result;
}

class workshop {
 public:
  workshop(const registry::contract& contract, plan::migration& m)
      : contract_(contract), m_(m), schema_(fmt::format("_accord_{}_twins", m.id)) {
    catalog::execute(fmt::format("CREATE SCHEMA {} AUTHORIZATION {}", quote_identifier(schema_), quote_identifier(m.owner)));
    owner_ = catalog::query("SELECT relowner FROM pg_class WHERE oid = $1::oid", {contract.relation}).front().oid(0);
  }
  void close() {
    catalog::execute(fmt::format("DROP TABLE {}{}", new_table().sql(), made_old_ ? ", " + in("_accord_old").sql() : ""));
    catalog::execute(fmt::format("DROP SCHEMA {}", quote_identifier(schema_)));
  }

  void define(const std::map<std::string, Node*>& statements) {
    make_new();
    if (std::any_of(m_.companions.begin(), m_.companions.end(), [](const auto& c) { return !c.added; })) {
      make_old();
      made_old_ = true;
      for (auto& c : m_.companions)
        if (!c.added && !c.is_retargeted()) c.definition = of_original(c);
    }
    rename_new(true);
    for (auto& c : m_.companions)
      if (c.added) define_added(c, c.kind == companion_kind::index ? statements.at(c.name) : nullptr);
    rename_new(false);
    for (auto& c : m_.companions)
      if (!c.added && !c.is_retargeted()) try_on_new(c);
    rename_new(true);
    for (auto& c : m_.companions)
      if (c.has_index()) c.shown = shown(c);
  }

 private:
  core::qualified_name in(const std::string& name) const { return {schema_, name}; }
  core::qualified_name new_table() const { return in(m_.new_version().shape.relation.name); }

  void as_owner(const std::string& sql) const {
    pinned_search_path path;
    as_user identity(owner_, true);
    spi::execute(sql);
  }
  spi::rows ask(const std::string& sql, std::initializer_list<spi::param> params = {}) const { return catalog::query(sql, params); }

  // The old version's columns under the names of those that replace them.
  void make_old() const {
    as_owner(fmt::format("CREATE TABLE {} (LIKE {} INCLUDING CONSTRAINTS INCLUDING INDEXES INCLUDING STATISTICS)", in("_accord_old").sql(),
                         contract_.name.sql()));
    for (const auto& [from, to] : replacements(m_))
      as_owner(fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}", in("_accord_old").sql(), quote_identifier(from), quote_identifier(to)));
  }

  // Under the name that clients know: an expression can be qualified with it.
  void make_new() const {
    std::string columns;
    for (const auto& column : m_.new_version().columns) {
      const auto& type = m_.new_version().shape.find_column(column.name)->type;
      columns += fmt::format("{}{} {}{}", columns.empty() ? "" : ", ", quote_identifier(column.physical), type.text,
                             type.collation.empty() ? "" : " COLLATE " + type.collation);
    }
    as_owner(fmt::format("CREATE TABLE {} ({})", new_table().sql(), columns));
  }

  // Between the physical names and those that clients of the new version see.
  void rename_new(bool visible) const {
    core::rename_list names;
    for (const auto& column : m_.new_version().columns)
      names.emplace_back(visible ? column.physical : column.name, visible ? column.name : column.physical);
    for (const auto& [from, to] : core::in_safe_order(names, "_accord_swap"))
      as_owner(fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}", new_table().sql(), quote_identifier(from), quote_identifier(to)));
  }

  // What follows the table's name in CREATE INDEX.
  std::string index_definition(const spi::param& index, const std::string& tablespace) const {
    auto row = ask("SELECT pg_get_indexdef(i.indexrelid), 'CREATE ' || CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END || 'INDEX ' ||"
                   "       quote_ident(c.relname) || ' ON ' || i.indrelid::regclass || ' ', coalesce(' WHERE ' || pg_get_expr(i.indpred, "
                   "i.indrelid), '')"
                   "  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indexrelid = $1::oid",
                   {index})
                   .front();
    const std::string &text = row.text(0), &head = row.text(1), &where = row.text(2);
    if (!text.starts_with(head) || !text.ends_with(where))
      throw failure(core::sqlstate::internal_error, "unexpected definition of an index", text);
    auto body = text.substr(head.size(), text.size() - head.size() - where.size());
    return body + (tablespace.empty() ? "" : " TABLESPACE " + quote_identifier(tablespace)) + where;
  }

  static const std::string& name_of_original(const companion& c) { return c.original.empty() ? c.name : c.original; }

  // Indexes are copied in the order of their numbers.
  struct copied_index {
    std::string oid, tablespace;
  };
  copied_index copy_of(const companion& c) const {
    auto row = ask("SELECT t.oid, coalesce(s.spcname, '')"
                   "  FROM (SELECT i.indexrelid AS oid, row_number() OVER (ORDER BY i.indexrelid) AS place FROM pg_index i"
                   "         WHERE i.indrelid = $1::oid AND i.indislive) o"
                   "  JOIN pg_class oc ON oc.oid = o.oid AND oc.relname = $2::name"
                   "  JOIN (SELECT i.indexrelid AS oid, row_number() OVER (ORDER BY i.indexrelid) AS place FROM pg_index i"
                   "         WHERE i.indrelid = to_regclass($3)) t ON t.place = o.place"
                   "  LEFT JOIN pg_tablespace s ON s.oid = oc.reltablespace",
                   {contract_.relation, name_of_original(c), in("_accord_old").sql()})
                   .front();
    return {row.text(0), row.text(1)};
  }
  std::string of_index(const companion& c) const {
    auto index = copy_of(c);
    return index_definition(index.oid, index.tablespace);
  }
  // As ALTER TABLE takes it, until it is tried on the new columns.
  std::string of_exclusion(const companion& c) const {
    return ask("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conindid = $1::oid AND contype = 'x'", {copy_of(c).oid})
        .front()
        .text(0);
  }

  // Of the table, or of another one to it; the table's columns by the names of those that replace them.  The copy has no dropped columns.
  std::string of_foreign_key(const companion& c) const {
    return ask("WITH key AS (SELECT * FROM pg_constraint WHERE conrelid = $1::oid AND conname = $2::name),"
               " name AS (SELECT p.attrelid AS relation, p.attnum AS number, quote_ident(coalesce(t.attname, p.attname)) AS text"
               "    FROM (SELECT a.attrelid, a.attnum, a.attname, a.attisdropped,"
               "                 count(*) FILTER (WHERE NOT a.attisdropped) OVER (PARTITION BY a.attrelid ORDER BY a.attnum) AS place"
               "            FROM pg_attribute a, key WHERE a.attnum > 0 AND a.attrelid IN (key.conrelid, key.confrelid)) p"
               "    LEFT JOIN pg_attribute t ON p.attrelid = $3::oid AND t.attrelid = to_regclass($4) AND t.attnum = p.place"
               "   WHERE NOT p.attisdropped)"
               "SELECT format('FOREIGN KEY (%s) REFERENCES %s (%s)',"
               "          (SELECT string_agg(n.text, ', ' ORDER BY u.o) FROM unnest(c.conkey) WITH ORDINALITY u(a, o)"
               "             JOIN name n ON n.relation = c.conrelid AND n.number = u.a),"
               "          c.confrelid::regclass,"
               "          (SELECT string_agg(n.text, ', ' ORDER BY u.o) FROM unnest(c.confkey) WITH ORDINALITY u(a, o)"
               "             JOIN name n ON n.relation = c.confrelid AND n.number = u.a))"
               "       || CASE c.confmatchtype WHEN 'f' THEN ' MATCH FULL' ELSE '' END"
               "       || CASE WHEN c.confupdtype <> 'a' THEN ' ON UPDATE ' || act.update ELSE '' END"
               "       || CASE WHEN c.confdeltype <> 'a' THEN ' ON DELETE ' || act.delete ELSE '' END"
               "       || coalesce((SELECT ' (' || string_agg(n.text, ', ' ORDER BY u.o) || ')' FROM unnest(c.confdelsetcols) WITH "
               "ORDINALITY "
               "u(a, o)"
               "                      JOIN name n ON n.relation = c.conrelid AND n.number = u.a), '')"
               "       || CASE WHEN c.condeferrable THEN ' DEFERRABLE' ELSE '' END"
               "       || CASE WHEN c.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END"
               "  FROM key c, LATERAL (SELECT x.words[strpos('rcnd', c.confupdtype::text)], x.words[strpos('rcnd', c.confdeltype::text)]"
               "                         FROM (SELECT ARRAY['RESTRICT', 'CASCADE', 'SET NULL', 'SET DEFAULT']) x(words)) act(update, "
               "delete)",
               {key_owner(c), name_of_original(c), contract_.relation, in("_accord_old").sql()})
        .front()
        .text(0);
  }
  Oid key_owner(const companion& c) const {
    return c.kind == companion_kind::inbound_key ? ask("SELECT to_regclass($1)::oid", {c.references}).front().oid(0) : contract_.relation;
  }

  std::string statistics_definition(const companion& c) const {
    auto row =
        ask("SELECT pg_get_statisticsobjdef(n.oid), format('CREATE STATISTICS %I.%I ', s.nspname, n.stxname), ' FROM ' || "
            "n.stxrelid::regclass"
            "  FROM (SELECT s.stxname, row_number() OVER (ORDER BY s.oid) AS place FROM pg_statistic_ext s WHERE s.stxrelid = $1::oid) o"
            "  JOIN (SELECT s.*, row_number() OVER (ORDER BY s.oid) AS place FROM pg_statistic_ext s"
            "         WHERE s.stxrelid = to_regclass($3)) n ON n.place = o.place"
            "  JOIN pg_namespace s ON s.oid = n.stxnamespace WHERE o.stxname = $2::name",
            {contract_.relation, name_of_original(c), in("_accord_old").sql()})
            .front();
    return row.text(0).substr(row.text(1).size(), row.text(0).size() - row.text(1).size() - row.text(2).size());
  }

  std::string of_original(const companion& c) const {
    switch (c.kind) {
      case companion_kind::check:
        return ask("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = to_regclass($1) AND conname = $2::name",
                   {in("_accord_old").sql(), name_of_original(c)})
            .front()
            .text(0);
      case companion_kind::foreign_key:
      case companion_kind::inbound_key:
        return of_foreign_key(c);
      case companion_kind::statistics:
        return statistics_definition(c);
      case companion_kind::exclusion:
        return of_exclusion(c);
      default:
        return of_index(c);
    }
  }

  [[noreturn]] void refuse(const companion& c, const reported_error& error) const {
    throw plan::errors::twin_not_possible(described(c), fmt::format("The server says: {}.", error.message));
  }

  template <typename F>
  void attempt(const companion& c, F f) const {
    reported_error error;
    if (!subtransaction(f, error)) refuse(c, error);
  }

  void make_index(const companion& c) const {
    as_owner(
        fmt::format("CREATE {}INDEX {} ON {} {}", c.unique ? "UNIQUE " : "", quote_identifier(c.name), new_table().sql(), c.definition));
  }

  // On the columns that the new version has.  A foreign key is tried by stage itself.
  void try_on_new(companion& c) const {
    attempt(c, [&] {
      if (c.has_index() && c.kind != companion_kind::exclusion) make_index(c);
      if (c.kind == companion_kind::check || c.kind == companion_kind::exclusion)
        as_owner(fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {}", new_table().sql(), quote_identifier(c.name), c.definition));
    });
    if (c.kind == companion_kind::exclusion) split_exclusion(c, copy_of(c).tablespace);
  }

  // Its index is built first.
  void split_exclusion(companion& c, const std::string& tablespace) const {
    auto index = index_of(c);
    c.definition = index_definition(index, tablespace);
    c.operators = ask("SELECT ARRAY(SELECT o::regoperator::text FROM unnest(conexclop) WITH ORDINALITY u(o, n) ORDER BY n)"
                      "  FROM pg_constraint WHERE conindid = $1::oid AND contype = 'x'",
                      {index})
                      .front()
                      .texts(0);
  }

  // The user's words, over visible names, become the server's, over physical ones.
  void define_added(companion& c, Node* statement) const {
    if (c.kind == companion_kind::foreign_key) {
      // Made here it would lock the table that it references.
      auto head = c.definition.substr(0, c.definition.find(") REFERENCES ") + 1);
      c.definition = foreign_key_head(head) + without_suffix(c.definition).substr(head.size());
      return;
    }
    attempt(c, [&] {
      as_user identity(owner_, true);
      if (c.kind == companion_kind::index)
        run_index_statement(statement);
      else
        spi::execute(
            fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {}", new_table().sql(), quote_identifier(c.name), without_suffix(c.definition)));
    });
    if (c.has_index()) read_columns(c);
    rename_new(false);
    c.definition = c.has_index() ? index_definition(index_of(c), "")
                                 : ask("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = to_regclass($1) AND conname = "
                                       "$2::name",
                                       {new_table().sql(), c.name})
                                       .front()
                                       .text(0);
    if (c.kind == companion_kind::exclusion) split_exclusion(c, "");
    if (c.has_index() && m_.old_version().shape.kind == "partitioned table") try_on_partitioned(c);
    rename_new(true);
  }

  void read_columns(companion& c) const {
    auto row = ask("SELECT (SELECT string_agg(attname, '_' ORDER BY attnum) FROM pg_attribute WHERE attrelid = i.indexrelid),"
                   "       ARRAY(SELECT a.attname::text FROM unnest(i.indkey::smallint[]) WITH ORDINALITY u(number, place)"
                   "               JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.number WHERE u.place <= i.indnkeyatts"
                   "              ORDER BY u.place), i.indpred IS NOT NULL FROM pg_index i WHERE i.indexrelid = $1::oid",
                   {index_of(c)})
                   .front();
    c.index_columns = row.text(0);
    c.key_columns = row.texts(1);
    c.partial = row.boolean(2);
  }

  // Where the table is partitioned by something that a unique index does not have, the server says so.
  void try_on_partitioned(const companion& c) const {
    auto table = in("_accord_partitioned").sql();
    auto key = ask("SELECT pg_get_partkeydef($1::oid)", {contract_.relation}).front().text(0);
    attempt(c, [&] {
      as_owner(fmt::format("CREATE TABLE {} (LIKE {}) PARTITION BY {}", table, new_table().sql(), key));
      as_owner(fmt::format("CREATE {}INDEX ON {} {}", c.unique ? "UNIQUE " : "", table, c.definition));
    });
    catalog::execute("DROP TABLE " + table);
  }

  // CREATE INDEX as it was parsed, on the table of this place.
  void run_index_statement(Node* statement) const {
    auto table = new_table();
    const char *schema = table.schema.c_str(), *name = table.name.c_str();
    pg([&] {
      auto* index = static_cast<IndexStmt*>(copyObjectImpl(statement));
      index->concurrent = false;
      index->relation = makeRangeVar(pstrdup(schema), pstrdup(name), -1);
      PlannedStmt* wrapper = makeNode(PlannedStmt);
      wrapper->commandType = CMD_UTILITY;
      wrapper->canSetTag = false;
      wrapper->utilityStmt = reinterpret_cast<Node*>(index);
      wrapper->stmt_location = -1;
      ProcessUtility(wrapper, "CREATE INDEX", false, PROCESS_UTILITY_SUBCOMMAND, nullptr, nullptr, None_Receiver, nullptr);
      CommandCounterIncrement();
    });
  }

  std::string foreign_key_head(const std::string& head) const {
    for (const auto& constraint : m_.new_version().shape.constraints)
      if (constraint.kind == "foreign key" && head == fmt::format("FOREIGN KEY ({})", core::quote_list(constraint.columns))) {
        std::vector<std::string> physical;
        for (const auto& name : constraint.columns)
          physical.push_back(m_.new_version().find(name)->physical);
        return fmt::format("FOREIGN KEY ({})", core::quote_list(physical));
      }
    throw failure(core::sqlstate::internal_error, "unexpected definition of a foreign key", head);
  }

  std::string index_of(const companion& c) const {
    return ask("SELECT i.indexrelid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = to_regclass($1) AND "
               "c.relname = $2::name",
               {new_table().sql(), c.name})
        .front()
        .text(0);
  }
  static std::string without_suffix(std::string text) {
    if (constexpr std::string_view suffix = " NOT VALID"; text.ends_with(suffix)) text.resize(text.size() - suffix.size());
    return text;
  }

  // As the shape of the new version will say it.
  std::string shown(const companion& c) const {
    if (c.kind == companion_kind::index) return index_definition(index_of(c), "");
    if (!c.added &&
        c.kind !=
            companion_kind::exclusion)  // a primary key is tried as a unique constraint, because one that the DDL adds can stand beside it
      as_owner(fmt::format("ALTER TABLE {0} ADD CONSTRAINT {1} UNIQUE USING INDEX {1}{2}{3}", new_table().sql(), quote_identifier(c.name),
                           c.deferrable ? " DEFERRABLE" : "", c.deferred ? " INITIALLY DEFERRED" : ""));
    auto text = ask("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = to_regclass($1) AND conname = $2::name",
                    {new_table().sql(), c.name})
                    .front()
                    .text(0);
    return c.kind == companion_kind::primary_key && !c.added ? "PRIMARY KEY" + text.substr(std::string_view("UNIQUE").size()) : text;
  }

  const registry::contract& contract_;
  plan::migration& m_;
  std::string schema_;
  Oid owner_ = InvalidOid;
  bool made_old_ = false;
};

}  // namespace

void define_twins(const registry::contract& contract, plan::migration& m, const std::map<std::string, Node*>& statements) {
  if (m.companions.empty()) return;
  own_ddl ours;
  workshop shop(contract, m);
  shop.define(statements);
  shop.close();
}

}  // namespace accord::migration
