// transaction: a script as a whole: what it does wrong (timeouts that are not set, transaction blocks that hold locks for longer than needed), and
// when its statements are judged.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/check/hazards.hpp"
#include "server/ddl/statement.hpp"

namespace accord::check {

class transaction_watch {
 public:
  transaction_watch();

  void set(VariableSetStmt*);
  void begin_statement(Node* tree, int line, const std::string& text);
  std::vector<hazard> end_statement(const effects&, const engine&, ddl::world&);
  bool in_block() const { return in_block_; }
  bool has_lock_timeout() const { return has_lock_timeout_; }

  // Is the statement left for the end of its block, as the guard leaves it with accord.judge_at = 'commit'?  From the first one on all are.
  bool leaves_for_the_end();
  // Has this statement been the end of what was left, and did that count?
  enum class verdict { not_yet, due, undone };
  verdict of_what_was_left() const { return due_; }

  struct advice {
    int line;
    std::string statement;
    hazard what;
  };
  std::vector<advice> at_end();

 private:
  void set_judge_at(VariableSetStmt*);
  void end_of_what_was_left(verdict);

  bool has_lock_timeout_, said_timeout_ = false, in_block_ = false;
  bool at_commit_, left_ = false;
  std::optional<bool> at_commit_in_block_;  // SET LOCAL, or a verdict that was asked for early
  verdict due_ = verdict::not_yet;
  std::string held_;  // by a statement before in this block, in words; empty: nothing that blocks writers
  Node* tree_ = nullptr;
  int line_ = 0, begun_at_ = 0;
  std::string text_, begun_by_;
  std::vector<advice> advice_;
};

}  // namespace accord::check
