// drop: DROP TABLE and its like, one statement for each relation named; DROP INDEX, TRIGGER, RULE and POLICY concern the relation they are on.
#include "server/ddl/tree.hpp"

#include "pg/pg.h"

namespace accord::ddl {

namespace {

statement drop_relation(List* name, context& c) {
  statement s = about(range_var_of(name), c);
  s.changes.emplace_back(change::relation_dropped{s.target});
  s.understood = true;
  return s;
}

statement drop_index(List* name, context& c) {
  RangeVar* index = range_var_of(name);
  Oid oid = c.w.find(index);
  statement s;
  s.target = written_name(index);
  if (!OidIsValid(oid)) return s;
  s.relation = pg([&] { return IndexGetRelation(oid, true); });
  if (!OidIsValid(s.relation)) return s;
  s.target = c.w.name_of(s.relation);
  if (!c.names_only) c.shape = c.w.shape_of(s.relation);
  if (!c.shape) return s;
  s.understood = true;
  if (const auto* unique = c.shape->find_constraint(index->relname); unique && unique->kind == "unique index")
    s.changes.emplace_back(change::constraint_dropped{*unique});
  return s;
}

// (schema.)table.object: a trigger, rule or policy.
statement drop_attached(List* name, context& c) {
  List* relation = pg([&] { return list_truncate(list_copy(name), list_length(name) - 1); });
  return about(range_var_of(relation), c);
}

}  // namespace

std::vector<statement> read_drop(Node* tree, context& c) {
  auto* drop = reinterpret_cast<DropStmt*>(tree);
  std::vector<statement> result;
  for (int i = 0; i < list_length(drop->objects); i++) {
    auto* object = static_cast<Node*>(list_nth(drop->objects, i));
    statement s;
    switch (drop->removeType) {
      case OBJECT_TABLE:
      case OBJECT_VIEW:
      case OBJECT_MATVIEW:
      case OBJECT_FOREIGN_TABLE:
        s = drop_relation(reinterpret_cast<List*>(object), c);
        break;
      case OBJECT_INDEX:
        s = drop_index(reinterpret_cast<List*>(object), c);
        break;
      case OBJECT_TRIGGER:
      case OBJECT_RULE:
      case OBJECT_POLICY:
        s = drop_attached(reinterpret_cast<List*>(object), c);
        break;
      default:
        break;
    }
    s.missing_ok = drop->missing_ok;
    s.cascade = drop->behavior == DROP_CASCADE;
    result.push_back(std::move(s));
  }
  return result;
}

}  // namespace accord::ddl
