// trigger_dropped: a trigger is gone.
//
// What it filled in stays empty, what it swallowed comes through.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct trigger_dropped {
  static constexpr std::string_view id = "trigger-dropped";
  core::trigger trigger;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<trigger_dropped> detect(const comparison&);
  bool operator==(const trigger_dropped&) const = default;
};

}  // namespace accord::change
