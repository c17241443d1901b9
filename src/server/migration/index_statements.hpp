// index_statements: CREATE INDEX of a migration's DDL, and COMMENT ON what is made there or has a twin.
//
// An index is built later than the DDL says, when its rows are filled.  What the statements after it rename is renamed in it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pg/bridge.hpp"
#include "plan/planner.hpp"

namespace accord::migration {

class index_statements {
 public:
  void add(IndexStmt*);  // which has a name
  void follow(const change::any_change&);

  std::vector<plan::added_index> added() const;
  const std::map<std::string, Node*>& trees() const { return trees_; }

 private:
  std::vector<std::string> order_;
  std::map<std::string, Node*> trees_;  // in TopTransactionContext
};

// COMMENT ON CONSTRAINT or INDEX; nothing: another statement.
struct described_object {
  plan::object_comment comment;
  RangeVar* relation;  // the constraint's table, or the index
};
std::optional<described_object> described_by(Node* tree);

}  // namespace accord::migration
