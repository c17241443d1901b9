// on_child: commands on one partition, or on one table that inherits, whose contracted parent's writers meet what they put there.
#pragma once

#include <string>
#include <vector>

#include "server/ddl/statement.hpp"
#include "server/guard/verdict.hpp"

namespace accord::guard {

// A table that the command names, by its place in the list, with the contracted relations above it.
struct named_child {
  std::size_t statement = 0;
  Oid relation = InvalidOid;
  std::vector<Oid> parents;
};
std::vector<named_child> named_children(Node* tree, const std::vector<ddl::statement>& named);

// What the parse tree says that the command will put on the child.
std::vector<core::finding> will_be_put(const promise& parent, const std::vector<change::any_change>&, const core::shape& child);
// What is on the child now and was not before.
std::vector<core::finding> was_put(const promise& parent, Oid child, const core::shape& before);

}  // namespace accord::guard
