// constant: what can be said of a column's default where it is a constant, without asking a server.
#pragma once

#include <string>
#include <string_view>

#include "core/shape.hpp"

namespace accord::rule {

// Is it sure that the check lets pass what is filled in for those who leave the column out?  Only checks that compare the column, or VALUE,
// with constants are understood.
bool admits_default(std::string_view check, const core::column&);

// Is it sure that a constant of the one type is the same value after it has become one of the other?
bool survives(std::string_view constant, const core::column_type& to);

}  // namespace accord::rule
