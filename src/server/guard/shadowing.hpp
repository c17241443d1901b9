// shadowing: commands that may make the bare name of a contracted table mean another relation to its consumers, in a schema that comes earlier in
// their stored search_path.
#pragma once

#include <vector>

#include "pg/bridge.hpp"
#include "server/consumers/resolution.hpp"

namespace accord::guard {

// What the names that the command makes mean now, to the consumers of contracts that have one of them.  Empty for nearly every command, at the
// cost of an index lookup for one that makes a relation.
std::vector<consumers::bound_name> names_at_stake(Node* tree);
// The same later.
std::vector<consumers::bound_name> bound_again(const std::vector<consumers::bound_name>&);

}  // namespace accord::guard
