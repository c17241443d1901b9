// set_schema: ALTER TABLE … SET SCHEMA.
#include "server/ddl/tree.hpp"

#include "pg/pg.h"

namespace accord::ddl {

std::vector<statement> read_set_schema(Node* tree, context& c) {
  auto* move = reinterpret_cast<AlterObjectSchemaStmt*>(tree);
  std::vector<statement> result;
  if (!move->relation) {  // a function, type … : names no relation
    result.emplace_back();
    return result;
  }
  statement s = about(move->relation, c);
  s.missing_ok = move->missing_ok;
  bool relation = move->objectType == OBJECT_TABLE || move->objectType == OBJECT_VIEW || move->objectType == OBJECT_MATVIEW ||
                  move->objectType == OBJECT_FOREIGN_TABLE;
  if (relation) {
    core::qualified_name to{move->newschema, s.target.name};
    if (to != s.target) s.changes.emplace_back(change::relation_moved{s.target, to});
    s.understood = true;
  }
  result.push_back(std::move(s));
  return result;
}

}  // namespace accord::ddl
