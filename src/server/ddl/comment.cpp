// comment: COMMENT ON a relation or a column of it.
#include "server/ddl/tree.hpp"

#include "pg/pg.h"

namespace accord::ddl {

std::vector<statement> read_comment(Node* tree, context& c) {
  auto* comment = reinterpret_cast<CommentStmt*>(tree);
  bool of_column = comment->objtype == OBJECT_COLUMN;
  std::vector<statement> result;
  if (!of_column && comment->objtype != OBJECT_TABLE && comment->objtype != OBJECT_VIEW && comment->objtype != OBJECT_MATVIEW &&
      comment->objtype != OBJECT_FOREIGN_TABLE) {
    result.emplace_back();
    result.back().understood = true;  // a comment elsewhere is nothing that clients of a table see
    return result;
  }
  auto* name = reinterpret_cast<List*>(comment->object);
  change::comment_changed change{};
  List* relation = name;
  if (of_column) {
    change.column = strVal(llast(name));
    relation = pg([&] { return list_truncate(list_copy(name), list_length(name) - 1); });
  }
  statement s = about(range_var_of(relation), c);
  change.to = comment->comment ? comment->comment : "";
  if (c.shape) {
    const auto* column = of_column ? c.shape->find_column(change.column) : nullptr;
    change.from = column ? column->comment : of_column ? "" : c.shape->comment;
  }
  if (change.from != change.to) s.changes.emplace_back(std::move(change));
  s.understood = true;
  result.push_back(std::move(s));
  return result;
}

}  // namespace accord::ddl
