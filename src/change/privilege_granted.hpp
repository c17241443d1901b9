// privilege_granted: somebody gains a right on the relation or on a column.
//
// No client breaks; access widens, which those who guard data want to know.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct privilege_granted {
  static constexpr std::string_view id = "privilege-granted";
  core::privilege privilege;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<privilege_granted> detect(const comparison&);
  bool operator==(const privilege_granted&) const = default;
};

}  // namespace accord::change
