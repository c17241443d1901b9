// column_mapping: what the columns that a consumer uses in one version are called in another.
//
// A consumer says once which columns it uses.  When it moves to another version the list moves with it: a renamed column under its new
// name, a column that was split, merged or retyped as all columns of its group in the other version, a column that is gone not at all.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace accord::plan {

struct version_columns {
  int major = 0;
  std::vector<std::pair<std::string, std::string>> columns;  // name, physical; in view order
};

struct column_group {
  std::vector<std::string> old_columns, new_columns;
};

struct version_step {
  int from = 0, to = 0;
  std::vector<column_group> groups;
};

// In the order of the target version, each once.  Where no chain of steps leads from one to the other, columns keep their names.
std::vector<std::string> map_columns(const std::vector<std::string>& columns, int from, int to, const std::vector<version_columns>&,
                                     const std::vector<version_step>&);

}  // namespace accord::plan
