// See contract_view.hpp.
#include "server/utility/contract_view.hpp"

#include <vector>

#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::utility {

namespace {

Oid view_of(RangeVar* name) {
  Oid relation = name->catalogname ? InvalidOid : RangeVarGetRelid(name, NoLock, true);
  return OidIsValid(relation) && get_rel_relkind(relation) == RELKIND_VIEW ? relation : InvalidOid;
}

// Who may make views in our schemas may make one that shows some rows only: that is none of ours.
Oid whole_table_of(Oid relation) {
  Oid table = InvalidOid;
  Relation view = try_relation_open(relation, AccessShareLock);
  if (!view) return table;
  Query* query = get_view_query(view);
  if (!view_query_is_auto_updatable(query, false) && !query->jointree->quals)
    table = rt_fetch(linitial_node(RangeTblRef, query->jointree->fromlist)->rtindex, query->rtable)->relid;
  relation_close(view, AccessShareLock);
  return table;
}

RangeVar* table_behind(RangeVar* name) {
  Oid table = columns_of_contract_view(name) != NIL ? whole_table_of(view_of(name)) : InvalidOid;
  if (!OidIsValid(table)) return name;
  RangeVar* other = makeRangeVar(get_namespace_name(get_rel_namespace(table)), get_rel_name(table), name->location);
  other->inh = name->inh;
  return other;
}

Node* column_of(const char* name) {
  ColumnRef* column = makeNode(ColumnRef);
  column->fields = list_make1(makeString(pstrdup(name)));
  column->location = -1;
  return reinterpret_cast<Node*>(column);
}

Node* selected(RangeVar* from, List* columns) {
  SelectStmt* select = makeNode(SelectStmt);
  ListCell* cell;
  foreach (cell, columns) {
    ResTarget* target = makeNode(ResTarget);
    target->val = column_of(strVal(lfirst(cell)));
    target->location = -1;
    select->targetList = lappend(select->targetList, target);
  }
  select->fromClause = list_make1(from);
  return reinterpret_cast<Node*>(select);
}

// Null: nothing to do.
Node* over_query(CopyStmt* copy) {
  if (copy->is_from || !copy->relation) return nullptr;
  List* columns = columns_of_contract_view(copy->relation);
  if (columns == NIL) return nullptr;
  auto* other = static_cast<CopyStmt*>(copyObjectImpl(copy));
  other->query = selected(other->relation, copy->attlist ? other->attlist : columns);
  other->relation = nullptr;
  other->attlist = NIL;
  return reinterpret_cast<Node*>(other);
}

Node* over_tables(TruncateStmt* truncate) {
  List* relations = NIL;
  bool differs = false;
  ListCell* cell;
  foreach (cell, truncate->relations) {
    auto* name = static_cast<RangeVar*>(lfirst(cell));
    RangeVar* table = table_behind(name);
    differs |= table != name;
    relations = lappend(relations, table);
  }
  if (!differs) return nullptr;
  auto* other = static_cast<TruncateStmt*>(copyObjectImpl(truncate));
  other->relations = relations;
  return reinterpret_cast<Node*>(other);
}

}  // namespace

List* columns_of_contract_view(RangeVar* name) {
  Oid view = view_of(name);
  if (!OidIsValid(view)) return NIL;
  return entry([&]() -> List* {
    List* columns = NIL;
    if (!catalog::is_installed()) return columns;
    for (const auto& row : catalog::query("SELECT DISTINCT column_name, position FROM accord_catalog.view_column"
                                          " WHERE view = $1::oid AND generated IS NULL ORDER BY position",
                                          {view})) {
      const char* column = row.text(0).c_str();
      columns = pg([&] { return lappend(columns, makeString(pstrdup(column))); });
    }
    return columns;
  });
}

PlannedStmt* without_contract_views(PlannedStmt* statement) {
  Node* tree = statement->utilityStmt;
  Node* other = IsA(tree, CopyStmt)       ? over_query(reinterpret_cast<CopyStmt*>(tree))
                : IsA(tree, TruncateStmt) ? over_tables(reinterpret_cast<TruncateStmt*>(tree))
                                          : nullptr;
  if (!other) return statement;
  auto* result = makeNode(PlannedStmt);
  *result = *statement;
  result->utilityStmt = other;
  return result;
}

}  // namespace accord::utility
