// default_changed: a column gets, loses or changes its default.
//
// It matters to writers who leave the column out and to readers of what they then write; nullopt
// stands for no default.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct default_changed {
  static constexpr std::string_view id = "default-changed";
  std::string column;
  std::optional<std::string> from, to;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<default_changed> detect(const comparison&);
  bool operator==(const default_changed&) const = default;
};

}  // namespace accord::change
