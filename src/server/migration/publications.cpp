// See publications.hpp.
#include "server/migration/publications.hpp"

#include <fmt/format.h>

#include "change/names_in_sql.hpp"
#include "core/name.hpp"
#include "pg/scope.hpp"
#include "pg/spi.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/own_ddl.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

using core::quote_identifier;
using core::quote_list;
using successions = std::vector<std::pair<std::string, std::string>>;

struct filter_column {
  const char *from, *to;
};

// Inside pg().  The expression with each column's successor in its place, as the server writes it.
const char* filter_over(Oid table, const char* expression, const filter_column* columns, int count) {
  Relation relation = table_open(table, NoLock);
  ParseState* state = make_parsestate(nullptr);
  state->p_sourcetext = expression;
  ParseNamespaceItem* item = addRangeTableEntryForRelation(state, relation, AccessShareLock, nullptr, false, true);
  for (int i = 0; i < count; i++) {
    AttrNumber from = get_attnum(table, columns[i].from), to = get_attnum(table, columns[i].to);
    lfirst(list_nth_cell(item->p_rte->eref->colnames, from - 1)) = makeString(pstrdup(""));
    lfirst(list_nth_cell(item->p_rte->eref->colnames, to - 1)) = makeString(pstrdup(columns[i].from));
  }
  addNSItemToQuery(state, item, false, true, true);
  auto* select = castNode(SelectStmt, linitial_node(RawStmt, raw_parser(expression, RAW_PARSE_PLPGSQL_EXPR))->stmt);
  Node* condition = transformExpr(state, linitial_node(ResTarget, select->targetList)->val, EXPR_KIND_WHERE);
  condition = coerce_to_boolean(state, condition, "PUBLICATION WHERE");
  assign_expr_collations(state, condition);
  const char* text = deparse_expression(condition, deparse_context_for(RelationGetRelationName(relation), table), false, false);
  table_close(relation, NoLock);
  return text;
}

std::string followed_filter(const std::string& publication, Oid table, const std::string& expression, const successions& columns) {
  std::vector<filter_column> pairs;
  for (const auto& [from, to] : columns)
    pairs.push_back({from.c_str(), to.c_str()});
  const char* text = expression.c_str();
  const filter_column* first = pairs.data();
  int count = static_cast<int>(pairs.size());
  std::string followed;
  reported_error error;
  pinned_search_path path;
  bool fine = subtransaction([&] { followed = pg([&] { return filter_over(table, text, first, count); }); }, error);
  if (!fine)
    throw failure(core::sqlstate::migration_refused,
                  fmt::format("the row filter of publication \"{}\" cannot read the columns of the new version", publication),
                  fmt::format("The filter is {}.  The server says: {}.", expression, error.message),
                  "Change it with ALTER PUBLICATION so that it does without them.");
  return followed;
}

std::string followed_list(std::vector<std::string> list, const successions& columns) {
  for (auto& name : list)
    for (const auto& [from, to] : columns)
      if (name == from) {
        name = to;
        break;
      }
  return quote_list(list);
}

struct published {
  std::string publication, table;
  Oid relation;
  std::vector<std::string> list;  // empty: all columns
  std::optional<std::string> filter;

  std::string dropping() const { return fmt::format("ALTER PUBLICATION {} DROP TABLE ONLY {}", quote_identifier(publication), table); }
  std::string adding(const successions& columns, const std::optional<std::string>& followed) const {
    return fmt::format("ALTER PUBLICATION {} ADD TABLE ONLY {}{}{}", quote_identifier(publication), table,
                       list.empty() ? "" : fmt::format(" ({})", followed_list(list, columns)),
                       followed ? fmt::format(" WHERE ({})", *followed) : "");
  }
};

// Those that name one of the columns, of the table and those below it.
std::vector<published> naming(Oid relation, const successions& columns) {
  std::vector<published> result;
  if (columns.empty()) return result;
  std::vector<std::string> from;
  for (const auto& [before, after] : columns)
    from.push_back(before);
  for (const auto& row : catalog::query(
           "WITH RECURSIVE tree(oid) AS ("
           "  SELECT $1::oid UNION SELECT i.inhrelid FROM pg_inherits i JOIN tree ON i.inhparent = tree.oid)"
           " SELECT p.pubname, format('%I.%I', n.nspname, c.relname), r.prrelid,"
           "        ARRAY(SELECT a.attname::text FROM unnest(r.prattrs::smallint[]) WITH ORDINALITY u(n, o)"
           "                JOIN pg_attribute a ON a.attrelid = r.prrelid AND a.attnum = u.n ORDER BY u.o),"
           "        pg_get_expr(r.prqual, r.prrelid)"
           "   FROM pg_publication_rel r JOIN tree ON tree.oid = r.prrelid JOIN pg_publication p ON p.oid = r.prpubid"
           "   JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
           "  WHERE EXISTS (SELECT FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid"
           "                 WHERE d.classid = 'pg_publication_rel'::regclass AND d.objid = r.oid"
           "                   AND d.refclassid = 'pg_class'::regclass AND d.refobjid = r.prrelid AND a.attname = ANY ($2::name[]))"
           "  ORDER BY p.pubname COLLATE \"C\", c.oid",
           {relation, spi::array_literal(from)}))
    result.push_back({row.text(0), row.text(1), row.oid(2), row.texts(3), row.is_null(4) ? std::nullopt : std::optional(row.text(4))});
  return result;
}

void follow_publications(Oid relation, const successions& columns) {
  own_ddl ours;
  for (const auto& one : naming(relation, columns)) {
    std::optional<std::string> filter;
    if (one.filter) filter = followed_filter(one.publication, one.relation, *one.filter, columns);
    catalog::execute(one.dropping());
    catalog::execute(one.adding(columns, filter));
  }
}

successions physical_successions(const plan::migration& m) {
  successions columns;
  for (const auto& [before, after] : m.successions())
    columns.emplace_back(m.old_version().find(before)->physical, m.new_version().find(after)->physical);
  return columns;
}

}  // namespace

void publish_new_columns(Oid relation, const plan::migration& m) {
  follow_publications(relation, physical_successions(m));
}

std::vector<plan::statement> publication_steps(Oid relation, const plan::migration& m) {
  const auto columns = physical_successions(m);
  const change::renames names(columns.begin(), columns.end());
  std::vector<plan::statement> steps;
  for (const auto& one : naming(relation, columns)) {
    const auto lock = fmt::format("SHARE UPDATE EXCLUSIVE on {}", one.table);
    std::optional<std::string> filter;
    if (one.filter) filter = change::renamed_in(*one.filter, names);
    steps.push_back({plan::phase::complete, one.dropping(), lock,
                     fmt::format("Publication {} names columns that are replaced.", core::in_quotes(one.publication)),
                     plan::runner::extension});
    steps.push_back({plan::phase::complete, one.adding(columns, filter), lock,
                     "It goes on with the new ones, which get their names in the same transaction.", plan::runner::extension});
  }
  return steps;
}

void publish_old_columns(Oid relation, const plan::migration& m) {
  auto columns = physical_successions(m);
  for (auto& [before, after] : columns)
    std::swap(before, after);
  follow_publications(relation, columns);
}

}  // namespace accord::migration
