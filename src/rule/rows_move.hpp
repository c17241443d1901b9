// rows_move: what no shape shows, rows that come to a relation or go from it with another one.
#pragma once

#include <string>

#include "core/shape.hpp"
#include "core/verdict.hpp"

namespace accord::rule {

// The rows of a partition, or of a table that inherits from the parent, appear or vanish with it.
core::finding rows_move(const core::shape& parent, const std::string& child, bool come);

}  // namespace accord::rule
