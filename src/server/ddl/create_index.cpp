// create_index: CREATE INDEX.  One that is not unique is nothing that clients see.
//
// A unique one is understood where it is built CONCURRENTLY, as an error at the end would leave it behind; else its definition is read from
// the catalogs, which say it better.
#include <fmt/format.h>

#include "server/ddl/tree.hpp"

#include "pg/pg.h"

namespace accord::ddl {

namespace {

// Expressions and the condition are in the words of the user; like a shape, `columns` leaves out what they name.
core::constraint read_unique_index(IndexStmt* index, const statement& s, context& c) {
  core::constraint key;
  key.kind = "unique index";
  key.partial = index->whereClause != nullptr;
  std::string named;  // what PostgreSQL makes a name of
  for (int i = 0; i < list_length(index->indexParams); i++) {
    auto* element = static_cast<IndexElem*>(list_nth(index->indexParams, i));
    if (element->name) key.columns.emplace_back(element->name);
    const char* part = element->name ? element->name : pg([&] { return FigureIndexColname(element->expr); });
    named += (named.empty() ? "" : "_") + std::string(part ? part : "expr");
  }
  key.name = index->idxname ? index->idxname : pg([&] { return makeObjectName(s.target.name.c_str(), named.c_str(), "idx"); });
  auto [elements, condition] = c.text.behind_name(index->relation->location);
  key.definition = fmt::format("ON {} {}{}", s.target.sql(), elements, key.partial ? " WHERE " + condition : "");
  return key;
}

}  // namespace

std::vector<statement> read_create_index(Node* tree, context& c) {
  auto* index = reinterpret_cast<IndexStmt*>(tree);
  statement s = about(index->relation, c);
  s.understood = !index->unique;
  if (!index->unique || !index->concurrent || c.names_only) return {s};
  if (index->idxname && index->if_not_exists) {
    RangeVar same = *index->relation;
    same.relname = index->idxname;
    if (OidIsValid(c.w.find(&same))) return {s};
  }
  s.changes.emplace_back(change::constraint_added{read_unique_index(index, s, c)});
  return {s};
}

}  // namespace accord::ddl
