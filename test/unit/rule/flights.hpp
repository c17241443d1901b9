// A table that changes are refused on.
#pragma once

#include <optional>
#include <string>

#include "change/change.hpp"

namespace accord_test {

using namespace accord;

inline core::column column(std::string name, std::string type, std::string category, bool not_null = false) {
  core::column c;
  c.name = std::move(name);
  c.type.text = c.type.base = std::move(type);
  c.type.kind = "b";
  c.type.category = std::move(category);
  c.not_null = not_null;
  return c;
}

inline const core::shape& flights() {
  static const core::shape table = [] {
    core::shape s;
    s.relation = {"public", "flights"};
    s.kind = "table";
    s.columns = {column("dep_delay", "integer", "N"), column("carrier", "text", "S", true), column("place", "point", "G", true)};
    return s;
  }();
  return table;
}

inline change::any_change retyped(std::string to, std::string category, std::optional<std::string> using_expression = {}) {
  return change::column_retyped{"dep_delay", flights().columns[0].type, column("", std::move(to), std::move(category)).type,
                                std::move(using_expression)};
}

}  // namespace accord_test
