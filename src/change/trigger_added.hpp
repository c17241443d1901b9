// trigger_added: a new trigger.
//
// It can change or swallow what a client writes, without an error.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct trigger_added {
  static constexpr std::string_view id = "trigger-added";
  core::trigger trigger;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<trigger_added> detect(const comparison&);
  bool operator==(const trigger_added&) const = default;
};

}  // namespace accord::change
