// column_dropped: a column is gone.
//
// The server drops the constraints, indexes and column privileges of the column with it, and with
// CASCADE the generated columns, policies and triggers that name it; so apply() does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct column_dropped {
  static constexpr std::string_view id = "column-dropped";
  std::string column;
  bool cascade = false;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<column_dropped> detect(const comparison&);
  bool operator==(const column_dropped&) const = default;
};

}  // namespace accord::change
