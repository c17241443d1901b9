// comment_changed: the documentation of the relation or of a column changes.
//
// No client sees it, yet a published version shows it, so it makes a patch.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct comment_changed {
  static constexpr std::string_view id = "comment-changed";
  std::string column;  // empty: the relation itself
  std::string from, to;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<comment_changed> detect(const comparison&);
  bool operator==(const comment_changed&) const = default;
};

}  // namespace accord::change
