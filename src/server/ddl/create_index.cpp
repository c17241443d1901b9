// create_index: CREATE INDEX.  One that is not unique is nothing that clients see.
//
// A unique one is understood where it is built CONCURRENTLY, as an error at the end would leave it behind; else its definition is read from
// the catalogs, which say it better.
#include <algorithm>
#include <fmt/format.h>

#include "server/ddl/tree.hpp"

#include "pg/pg.h"

namespace accord::ddl {

namespace {

core::constraint read_unique_index(IndexStmt* index, const statement& s, context& c) {
  core::constraint key;
  key.kind = "unique index";
  key.partial = index->whereClause != nullptr;
  bool plain = true;
  std::string named;  // what PostgreSQL makes a name of
  auto add = [&](const std::vector<std::string>& names) {
    for (const auto& name : names)
      if (std::find(key.columns.begin(), key.columns.end(), name) == key.columns.end()) key.columns.push_back(name);
  };
  for (int i = 0; i < list_length(index->indexParams); i++) {
    auto* element = static_cast<IndexElem*>(list_nth(index->indexParams, i));
    if (element->name) add({element->name});
    if (element->expr) add(columns_named_in(element->expr, c.shape, {}));
    plain = plain && element->name;
    const char* part = element->name ? element->name : pg([&] { return FigureIndexColname(element->expr); });
    named += (named.empty() ? "" : "_") + std::string(part ? part : "expr");
  }
  if (index->whereClause) add(columns_named_in(index->whereClause, c.shape, {}));
  key.name = index->idxname ? index->idxname : pg([&] { return makeObjectName(s.target.name.c_str(), named.c_str(), "idx"); });
  key.definition =
      fmt::format("ON {} USING btree {}({}){}", s.target.sql(), plain ? "" : "(", core::quote_list(key.columns), plain ? "" : ")");
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
