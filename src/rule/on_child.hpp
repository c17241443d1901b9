// on_child: what is put on one partition, or on one table that inherits, and not on the parent.  Writers of the parent meet it all the same.
#pragma once

#include <vector>

#include "core/shape.hpp"
#include "core/verdict.hpp"

namespace accord::rule {

// What it does to clients of the parent that the child had the one shape and has the other now.
std::vector<core::finding> put_on_child(const core::shape& parent, core::shape before, core::shape after);
// What it does to them that rows which went to one partition go to another, new one: what that has and the old one has not.
std::vector<core::finding> diverted(const core::shape& parent, const core::shape& from, const core::shape& to);

}  // namespace accord::rule
