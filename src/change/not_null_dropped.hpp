// not_null_dropped: a column can hold NULL from now on.
//
// No statement fails, but the promise that every row has a value is gone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct not_null_dropped {
  static constexpr std::string_view id = "not-null-dropped";
  std::string column;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<not_null_dropped> detect(const comparison&);
  bool operator==(const not_null_dropped&) const = default;
};

}  // namespace accord::change
