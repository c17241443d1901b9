// Rules of statements that change no shape and hit clients all the same: what no comparison of shapes can find.
#pragma once

#include <string>
#include <vector>

#include "core/shape.hpp"
#include "core/verdict.hpp"

namespace accord::rule {

core::finding table_truncated(const std::string& table);
// `now`: what the name means to the role from now on, for people; empty: nothing.
core::finding name_rebound(const std::string& name, const std::string& role, const std::string& now);
// A foreign key of another table comes to refer to `table`.  `columns` are those that it refers to; the actions as a shape names them.
struct reference {
  std::string by;  // the other table, for people
  std::vector<std::string> columns;
  std::string on_delete, on_update;
};
bool gives_way(std::string_view action);  // to who deletes or changes a row that is referred to
std::vector<core::finding> table_referenced(const core::shape& table, const reference&);
core::finding membership_revoked(const std::string& role, const std::string& lost, bool reads, bool writes);

}  // namespace accord::rule
