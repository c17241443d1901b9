// generated_changed: a column becomes, stops being or changes as a generated column.
//
// Applied after renames, because the expression names columns as they are called then; so the
// column has its new name here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct generated_changed {
  static constexpr std::string_view id = "generated-changed";
  std::string column;
  std::optional<std::string> from, to;
  std::string from_kind, to_kind;  // "", "stored", "virtual"

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<generated_changed> detect(const comparison&);
  bool operator==(const generated_changed&) const = default;
};

}  // namespace accord::change
