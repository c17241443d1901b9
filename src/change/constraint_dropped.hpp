// constraint_dropped: a key, check, foreign key, exclusion or unique index goes.
//
// Found on the shape before, with the column names that clients know. Constraints that go only
// because one of their columns is dropped are part of column_dropped.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct constraint_dropped {
  static constexpr std::string_view id = "constraint-dropped";
  core::constraint constraint;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<constraint_dropped> detect(const comparison&);
  bool operator==(const constraint_dropped&) const = default;
};

}  // namespace accord::change
