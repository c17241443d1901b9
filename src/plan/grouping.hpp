// Which columns belong together: the connected components of the old and new columns that `up` and `down` join.
//
// A split, a merge and a plain retype are the same thing to whoever keeps the versions in step: a group of columns on each side, and an
// expression for every column of either side over the other one.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "plan/migration.hpp"

namespace accord::plan {

// An expression and the columns it names.
struct expression {
  std::string text;
  std::vector<std::string> columns;
};

struct sides {
  std::vector<std::string> replaced;       // columns of the old version that the new one does not share, in order
  std::vector<std::string> dual;           // columns of the new version that have a physical column of their own and an `up`
  std::map<std::string, expression> up;    // by new column
  std::map<std::string, expression> down;  // by old column
};

// Groups in the order of their first new column; then those without a new column.  A replaced column that nothing names is in no group.
std::vector<transform> grouped(const sides&);

}  // namespace accord::plan
