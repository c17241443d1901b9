// transaction: what a script as a whole does wrong: timeouts that are not set, transaction blocks that hold locks for longer than needed.
#pragma once

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

  struct advice {
    int line;
    std::string statement;
    hazard what;
  };
  std::vector<advice> at_end();

 private:
  bool has_lock_timeout_, said_timeout_ = false, in_block_ = false;
  std::string held_;  // by a statement before in this block, in words; empty: nothing that blocks writers
  Node* tree_ = nullptr;
  int line_ = 0, begun_at_ = 0;
  std::string text_, begun_by_;
  std::vector<advice> advice_;
};

}  // namespace accord::check
