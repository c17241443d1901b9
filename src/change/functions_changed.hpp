// functions_changed: a function that defaults, checks, policies or expressions of the relation call does something else.
//
// Their texts stay as they are, so that nothing else shows it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct functions_changed {
  static constexpr std::string_view id = "functions-changed";
  std::vector<std::string> from, to;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<functions_changed> detect(const comparison&);
  bool operator==(const functions_changed&) const = default;
};

}  // namespace accord::change
