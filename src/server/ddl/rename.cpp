// rename: ALTER … RENAME of relations, their columns and their constraints.
#include "server/ddl/tree.hpp"

#include "pg/pg.h"

namespace accord::ddl {

namespace {

bool is_relation(ObjectType kind) {
  return kind == OBJECT_TABLE || kind == OBJECT_VIEW || kind == OBJECT_MATVIEW || kind == OBJECT_FOREIGN_TABLE;
}

bool read_what(RenameStmt* rename, const statement& s, context& c, std::vector<change::any_change>& into) {
  if (is_relation(rename->renameType)) {
    into.emplace_back(change::relation_renamed{s.target, {s.target.schema, rename->newname}});
    return true;
  }
  if (rename->renameType == OBJECT_COLUMN && is_relation(rename->relationType)) {
    into.emplace_back(change::column_renamed{rename->subname, rename->newname});
    return true;
  }
  if (rename->renameType == OBJECT_TABCONSTRAINT) {
    const core::constraint* from = c.shape ? c.shape->find_constraint(rename->subname) : nullptr;
    if (!from) return false;
    core::constraint to = *from;
    to.name = rename->newname;
    into.emplace_back(change::constraint_changed{*from, to});
    return true;
  }
  return false;
}

}  // namespace

std::vector<statement> read_rename(Node* tree, context& c) {
  auto* rename = reinterpret_cast<RenameStmt*>(tree);
  std::vector<statement> result;
  if (!rename->relation) {  // a schema, type, role … : names no relation
    result.emplace_back();
    return result;
  }
  statement s = about(rename->relation, c);
  s.missing_ok = rename->missing_ok;
  s.understood = read_what(rename, s, c, s.changes);
  result.push_back(std::move(s));
  return result;
}

}  // namespace accord::ddl
