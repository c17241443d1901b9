// A row of accord_catalog.pending_judgement as a value.
#pragma once

#include <string>
#include <vector>

#include "server/guard/frames.hpp"

namespace accord::guard::pending {

struct pending_row {
  std::int64_t contract = 0;
  watched relation;           // before the transaction's first change
  core::qualified_name name;  // of then
  std::string version;        // that was promised then
  std::vector<core::finding> lost;
  std::string tag, statements, role;
};

// Those of this transaction, which are deleted.
std::vector<pending_row> take_all();

}  // namespace accord::guard::pending
