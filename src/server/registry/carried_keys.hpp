// carried_keys: tells the guard of the tables that stage makes for columns that move to them.
//
// Whatever their foreign keys say, the migration lets their rows go with the rows that they refer to, and gives them the new keys.
#pragma once

#include <vector>

#include "core/name.hpp"
#include "pg/bridge.hpp"

namespace accord {

class carried_keys {
 public:
  // `tables` as written: the schema can be empty.
  carried_keys(Oid referenced, std::vector<core::qualified_name> tables);
  ~carried_keys();
  carried_keys(const carried_keys&) = delete;
  carried_keys& operator=(const carried_keys&) = delete;

  static bool include(Oid referenced, const core::qualified_name& table);

 private:
  Oid referenced_;
  std::vector<core::qualified_name> tables_;
};

}  // namespace accord
