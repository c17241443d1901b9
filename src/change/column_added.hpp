// column_added: a new column, at the end.
//
// The most common compatible change, and not harmless to everybody: SELECT *, positional COPY and
// NATURAL JOIN see it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct column_added {
  static constexpr std::string_view id = "column-added";
  core::column column;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<column_added> detect(const comparison&);
  bool operator==(const column_added&) const = default;
};

}  // namespace accord::change
