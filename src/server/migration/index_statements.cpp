// See index_statements.hpp.
#include "server/migration/index_statements.hpp"

#include "server/sync/names.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

// Calls f with each element of an index and with its predicate, which has no name.
template <typename F>
void each_part(IndexStmt* index, F f) {
  for (List* list : {index->indexParams, index->indexIncludingParams})
    for (int i = 0; i < list_length(list); i++) {
      auto* element = static_cast<IndexElem*>(list_nth(list, i));
      f(&element->name, element->expr);
    }
  char* none = nullptr;
  f(&none, index->whereClause);
}

}  // namespace

void index_statements::add(IndexStmt* index) {
  trees_[index->idxname] = pg([&] {
    MemoryContext before = MemoryContextSwitchTo(TopTransactionContext);
    Node* copy = static_cast<Node*>(copyObjectImpl(index));
    MemoryContextSwitchTo(before);
    return copy;
  });
  order_.emplace_back(index->idxname);
}

void index_statements::follow(const change::any_change& change) {
  const auto* renamed = std::get_if<change::column_renamed>(&change);
  if (!renamed) return;
  const char *from = renamed->column.c_str(), *to = renamed->to.c_str();
  for (auto& [name, tree] : trees_) {
    auto* index = reinterpret_cast<IndexStmt*>(tree);
    pg([&] {
      MemoryContext before = MemoryContextSwitchTo(TopTransactionContext);
      each_part(index, [&](char** column, Node* expression) {
        if (*column && strcmp(*column, from) == 0) *column = pstrdup(to);
        if (expression) rename_columns(expression, from, to);
      });
      MemoryContextSwitchTo(before);
    });
  }
}

std::vector<plan::added_index> index_statements::added() const {
  std::vector<plan::added_index> result;
  for (const auto& name : order_) {
    auto* index = reinterpret_cast<IndexStmt*>(trees_.at(name));
    List* named = NIL;
    pg([&] {
      each_part(index, [&](char** column, Node* expression) {
        if (*column) named = lappend(named, *column);
        if (expression) collect_names(expression, named);
      });
    });
    plan::added_index one{name, {}, index->unique};
    for (int i = 0; i < list_length(named); i++)
      one.columns.emplace_back(static_cast<const char*>(list_nth(named, i)));
    result.push_back(std::move(one));
  }
  return result;
}

std::optional<described_object> described_by(Node* tree) {
  if (!IsA(tree, CommentStmt)) return std::nullopt;
  auto* comment = reinterpret_cast<CommentStmt*>(tree);
  bool of_index = comment->objtype == OBJECT_INDEX;
  if (!of_index && comment->objtype != OBJECT_TABCONSTRAINT) return std::nullopt;
  auto* names = reinterpret_cast<List*>(comment->object);
  plan::object_comment said{of_index, strVal(llast(names)), std::nullopt};
  if (comment->comment && *comment->comment) said.text = comment->comment;
  auto* relation = pg([&] { return makeRangeVarFromNameList(of_index ? names : list_truncate(list_copy(names), list_length(names) - 1)); });
  return described_object{std::move(said), relation};
}

}  // namespace accord::migration
