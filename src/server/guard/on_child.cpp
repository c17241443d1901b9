// on_child.  See on_child.hpp.
#include "server/guard/on_child.hpp"

#include <fmt/format.h>

#include "rule/on_child.hpp"
#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::guard {

namespace {

bool puts_something_on(Node* tree) {
  switch (nodeTag(tree)) {
    case T_AlterTableStmt:
    case T_CreateTrigStmt:
    case T_IndexStmt:
      return true;
    case T_DropStmt:
      return reinterpret_cast<DropStmt*>(tree)->removeType == OBJECT_TRIGGER;
    default:
      return false;
  }
}

}  // namespace

std::vector<named_child> named_children(Node* tree, const std::vector<ddl::statement>& named) {
  std::vector<named_child> result;
  if (!puts_something_on(tree)) return result;
  for (std::size_t i = 0; i < named.size(); i++) {
    const Oid relation = named[i].relation;
    if (!OidIsValid(relation) || relation < FirstNormalObjectId || !pg([&] { return has_superclass(relation); })) continue;
    static constinit spi::prepared statement{
        "WITH RECURSIVE up(oid) AS (SELECT inhparent FROM pg_inherits WHERE inhrelid = $1::oid"
        "   UNION SELECT i.inhparent FROM up JOIN pg_inherits i ON i.inhrelid = up.oid)"
        " SELECT k.relation::oid FROM up JOIN accord_catalog.contract k ON k.relation = up.oid ORDER BY 1"};
    named_child child{i, relation, {}};
    for (const auto& row : catalog::run(statement, {relation}))
      child.parents.push_back(row.oid(0));
    if (!child.parents.empty()) result.push_back(std::move(child));
  }
  return result;
}

std::vector<core::finding> will_be_put(const promise& parent, const std::vector<change::any_change>& changes, const core::shape& child) {
  try {
    return rule::put_on_child(parent.version.shape, child, change::applied(child, changes));
  } catch (const core::failure&) {
    return {};  // PostgreSQL's own error is the better one
  }
}

std::vector<core::finding> was_put(const promise& parent, Oid child, const core::shape& before) {
  if (pg([&] { return get_rel_relkind(child); }) == '\0') return {};
  return rule::put_on_child(parent.version.shape, before, registry::capture_shape(child));
}

}  // namespace accord::guard
