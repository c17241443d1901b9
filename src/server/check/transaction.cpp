// transaction.  See transaction.hpp.
#include "server/check/transaction.hpp"

#include <fmt/format.h>

#include "pg/scope.hpp"
#include "pg/spi.hpp"
#include "server/guard/settings.hpp"

#include "pg/pg.h"

namespace accord::check {

namespace {

bool is_change_of_rows(Node* tree) {
  return IsA(tree, UpdateStmt) || IsA(tree, DeleteStmt) || IsA(tree, InsertStmt) || IsA(tree, MergeStmt);
}

bool validates(Node* tree) {
  if (!IsA(tree, AlterTableStmt)) return false;
  List* commands = reinterpret_cast<AlterTableStmt*>(tree)->cmds;
  for (int i = 0; i < list_length(commands); i++)
    if (static_cast<AlterTableCmd*>(list_nth(commands, i))->subtype == AT_ValidateConstraint) return true;
  return false;
}

bool is_without_condition(Node* tree) {
  if (IsA(tree, UpdateStmt)) return !reinterpret_cast<UpdateStmt*>(tree)->whereClause;
  return IsA(tree, DeleteStmt) && !reinterpret_cast<DeleteStmt*>(tree)->whereClause;
}

// The columns that a condition compares with constants, all of them at once.
void compared_columns(Node* condition, std::vector<std::string>& columns) {
  if (condition && IsA(condition, BoolExpr) && reinterpret_cast<BoolExpr*>(condition)->boolop == AND_EXPR) {
    List* parts = reinterpret_cast<BoolExpr*>(condition)->args;
    for (int i = 0; i < list_length(parts); i++)
      compared_columns(static_cast<Node*>(list_nth(parts, i)), columns);
    return;
  }
  if (!condition || !IsA(condition, A_Expr)) return;
  auto* e = reinterpret_cast<A_Expr*>(condition);
  if (e->kind != AEXPR_OP || list_length(e->name) != 1 || strcmp(strVal(linitial(e->name)), "=") != 0) return;
  if (!e->lexpr || !e->rexpr || !IsA(e->lexpr, ColumnRef) || !IsA(e->rexpr, A_Const)) return;
  auto* last = static_cast<Node*>(llast(reinterpret_cast<ColumnRef*>(e->lexpr)->fields));
  if (IsA(last, String)) columns.emplace_back(strVal(last));
}

// Rows that it names one by one: what migration tools write down about themselves.
bool is_of_few_rows(Node* tree, ddl::world& world) {
  if (IsA(tree, InsertStmt)) {
    auto* source = reinterpret_cast<SelectStmt*>(reinterpret_cast<InsertStmt*>(tree)->selectStmt);
    return !source || (IsA(source, SelectStmt) && source->valuesLists != NIL);
  }
  Node* condition = nullptr;
  RangeVar* table = nullptr;
  if (IsA(tree, UpdateStmt) && reinterpret_cast<UpdateStmt*>(tree)->fromClause == NIL) {
    condition = reinterpret_cast<UpdateStmt*>(tree)->whereClause;
    table = reinterpret_cast<UpdateStmt*>(tree)->relation;
  } else if (IsA(tree, DeleteStmt) && reinterpret_cast<DeleteStmt*>(tree)->usingClause == NIL) {
    condition = reinterpret_cast<DeleteStmt*>(tree)->whereClause;
    table = reinterpret_cast<DeleteStmt*>(tree)->relation;
  }
  std::vector<std::string> columns;
  compared_columns(condition, columns);
  if (columns.empty()) return false;
  Oid relation = world.find(table);
  pinned_search_path path;
  static constinit spi::prepared statement{
      "SELECT FROM pg_index i WHERE i.indrelid = $1::oid AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL"
      "  AND NOT EXISTS (SELECT FROM unnest(i.indkey[0:i.indnkeyatts - 1]) k(n) JOIN pg_attribute a ON a.attrelid = i.indrelid AND "
      "a.attnum = k.n"
      "                   WHERE a.attname <> ALL ($2::name[]))"};
  return !statement.run({relation, spi::array_literal(columns)}).empty();
}

}  // namespace

transaction_watch::transaction_watch() : has_lock_timeout_(LockTimeout > 0), at_commit_(guard::judges_at_commit()) {}

bool transaction_watch::leaves_for_the_end() {
  left_ = left_ || (in_block_ && at_commit_in_block_.value_or(at_commit_));
  return left_;
}

void transaction_watch::end_of_what_was_left(verdict v) {
  due_ = left_ ? v : verdict::not_yet;
  left_ = false;
}

void transaction_watch::set_judge_at(VariableSetStmt* statement) {
  const char* value = statement->kind == VAR_SET_VALUE ? pg([&] { return ExtractSetVariableArgs(statement); }) : nullptr;
  const bool at_commit = value && pg_strcasecmp(value, "commit") == 0;
  if (statement->is_local) {
    if (in_block_) at_commit_in_block_ = at_commit;
    return;
  }
  at_commit_ = at_commit;
  at_commit_in_block_.reset();
}

void transaction_watch::set(VariableSetStmt* statement) {
  if (statement->name && pg_strcasecmp(statement->name, "accord.judge_at") == 0) set_judge_at(statement);
  if (!statement->name || pg_strcasecmp(statement->name, "lock_timeout") != 0) return;
  has_lock_timeout_ = false;
  if (statement->kind != VAR_SET_VALUE) return;
  const char* value = pg([&] { return ExtractSetVariableArgs(statement); });
  has_lock_timeout_ = value && strtol(value, nullptr, 10) > 0;
}

void transaction_watch::begin_statement(Node* tree, int line, const std::string& text) {
  tree_ = tree;
  line_ = line;
  text_ = text;
  due_ = verdict::not_yet;
  if (IsA(tree, ConstraintsSetStmt) && in_block_) {
    auto* set = reinterpret_cast<ConstraintsSetStmt*>(tree);
    if (set->deferred || set->constraints != NIL) return;
    end_of_what_was_left(verdict::due);
    at_commit_in_block_ = false;  // what follows is judged at each statement
  }
  if (!IsA(tree, TransactionStmt)) return;
  switch (reinterpret_cast<TransactionStmt*>(tree)->kind) {
    case TRANS_STMT_BEGIN:
    case TRANS_STMT_START:
      if (in_block_)
        advice_.push_back(
            {line, text, {"TX07", "advice", "there is already a transaction block, begun in line " + std::to_string(begun_at_), {}}});
      in_block_ = true;
      begun_at_ = line;
      begun_by_ = text;
      held_.clear();
      break;
    case TRANS_STMT_COMMIT:
    case TRANS_STMT_ROLLBACK:
    case TRANS_STMT_PREPARE:
      end_of_what_was_left(reinterpret_cast<TransactionStmt*>(tree)->kind == TRANS_STMT_ROLLBACK ? verdict::undone : verdict::due);
      at_commit_in_block_.reset();
      in_block_ = false;
      held_.clear();
      break;
    default:
      break;
  }
}

std::vector<hazard> transaction_watch::end_statement(const effects& e, const engine& clones, ddl::world& world) {
  std::vector<hazard> found;
  bool costly = !e.rewritten.empty() || !e.scanned.empty();
  if (!held_.empty()) {
    if (is_change_of_rows(tree_) && !is_of_few_rows(tree_, world))
      found.push_back({"DM02", "warning", "rows are changed while the transaction holds " + held_, {}});
    else if (costly)
      found.push_back({validates(tree_) ? "SC07" : "SC08", "warning", "it takes its time while the transaction holds " + held_, {}});
  }
  if (is_without_condition(tree_)) found.push_back({"DX07", "warning", "every row of the table, for want of a WHERE", {}});
  const lock_taken* strongest = e.locks.empty() ? nullptr : &e.locks.front();
  if (strongest && strongest->mode >= ShareLock) {
    std::string words = mode_name(strongest->mode) + " on " + clones.at(strongest->clone).name.sql();
    if (!has_lock_timeout_ && !said_timeout_) {
      said_timeout_ = true;
      found.push_back({"TX01", "advice", "whoever wants the table waits behind this statement while it waits for " + words,
                       "SET lock_timeout = '2s'; " + text_});
    }
    if (in_block_ && held_.empty() && strongest->mode >= ShareRowExclusiveLock) held_ = fmt::format("{}, taken in line {}", words, line_);
  }
  return found;
}

std::vector<transaction_watch::advice> transaction_watch::at_end() {
  if (in_block_) advice_.push_back({begun_at_, begun_by_, {"TX07", "advice", "a transaction is begun and not committed", {}}});
  return std::move(advice_);
}

}  // namespace accord::check
