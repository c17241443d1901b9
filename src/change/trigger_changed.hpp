// trigger_changed: a trigger of the same name does something else.
//
// Its definition, its function or whether it fires changed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct trigger_changed {
  static constexpr std::string_view id = "trigger-changed";
  core::trigger from, to;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<trigger_changed> detect(const comparison&);
  bool operator==(const trigger_changed&) const = default;
};

}  // namespace accord::change
