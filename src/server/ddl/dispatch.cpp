// dispatch: which handler reads which kind of statement.
//
// A kind that is not listed, or that its handler cannot express, gives one statement that is not understood.
#include <algorithm>
#include <array>

#include "server/ddl/tree.hpp"

#include "pg/pg.h"

namespace accord::ddl {

namespace {

struct entry_of_kind {
  NodeTag tag;
  handler read;
};

constexpr std::array kinds = {
    entry_of_kind{T_AlterTableStmt, read_alter_table},
    entry_of_kind{T_RenameStmt, read_rename},
    entry_of_kind{T_DropStmt, read_drop},
    entry_of_kind{T_AlterObjectSchemaStmt, read_set_schema},
    entry_of_kind{T_CommentStmt, read_comment},
    entry_of_kind{T_CreatePolicyStmt, read_touching},
    entry_of_kind{T_AlterPolicyStmt, read_touching},
    entry_of_kind{T_CreateTrigStmt, read_touching},
    entry_of_kind{T_RuleStmt, read_touching},
    entry_of_kind{T_IndexStmt, read_create_index},
    entry_of_kind{T_ViewStmt, read_touching},
    entry_of_kind{T_GrantStmt, read_touching},
};

RangeVar* relation_of(Node* tree) {
  switch (nodeTag(tree)) {
    case T_CreatePolicyStmt:
      return reinterpret_cast<CreatePolicyStmt*>(tree)->table;
    case T_AlterPolicyStmt:
      return reinterpret_cast<AlterPolicyStmt*>(tree)->table;
    case T_CreateTrigStmt:
      return reinterpret_cast<CreateTrigStmt*>(tree)->relation;
    case T_RuleStmt:
      return reinterpret_cast<RuleStmt*>(tree)->relation;
    case T_ViewStmt:
      return reinterpret_cast<ViewStmt*>(tree)->view;
    default:
      return nullptr;
  }
}

}  // namespace

std::vector<statement> read_touching(Node* tree, context& c) {
  std::vector<statement> result;
  if (IsA(tree, GrantStmt)) {
    auto* grant = reinterpret_cast<GrantStmt*>(tree);
    if (grant->targtype == ACL_TARGET_OBJECT && grant->objtype == OBJECT_TABLE)
      for (int i = 0; i < list_length(grant->objects); i++)
        result.push_back(about(static_cast<RangeVar*>(list_nth(grant->objects, i)), c));
    if (result.empty()) result.emplace_back();
    return result;
  }
  result.push_back(about(relation_of(tree), c));
  // AFTER triggers: nothing that clients see.
  if (IsA(tree, CreateTrigStmt)) result.back().understood = reinterpret_cast<CreateTrigStmt*>(tree)->timing == TRIGGER_TYPE_AFTER;
  return result;
}

std::vector<statement> read_tree(Node* tree, context& c) {
  const auto* kind = std::find_if(kinds.begin(), kinds.end(), [&](const entry_of_kind& k) { return k.tag == nodeTag(tree); });
  std::vector<statement> result;
  if (kind == kinds.end())
    result.emplace_back();
  else
    result = kind->read(tree, c);
  std::string tag = pg([&] { return GetCommandTagName(CreateCommandTag(tree)); });
  for (auto& s : result)
    s.tag = tag;
  return result;
}

}  // namespace accord::ddl
